"""What pages of another origin may send and read is the same wherever it is said."""

import re
from pathlib import Path

import pytest

from functions.domain import browsers

ROOT = Path(__file__).parents[2]
ALLOWED = {**browsers.preflight(), **browsers.readable("*")}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        # A row of a table, and a property of an object that may be broken after its name.
        ("docs/sdk-js.md", r"\| `([\w-]+)` \| `([^`]+)` \|"),
        ("sdk/js/test/browser/gatehouse.ts", r'"(Access-Control-[\w-]+)":\s+"([^"]+)"'),
    ],
)
def test_the_client_and_its_document_say_what_the_gatehouse_says(path: str, line: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    said = {name: value for name, value in re.findall(line, text) if name.startswith("Access-")}
    said.pop("Access-Control-Allow-Origin", None)
    expected = {name: value for name, value in ALLOWED.items() if name in said}
    assert said == expected
    assert len(said) == 4
