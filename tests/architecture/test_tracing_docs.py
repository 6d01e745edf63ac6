"""The page about traces says what the code notes, and the code notes what the page says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from functions.pipeline import run
from infra.blueprint import ROOT

PAGE = (ROOT / "docs" / "tracing.md").read_text(encoding="utf-8")
NOTING = (
    "adapters/otel.py",
    "adapters/topic.py",
    "entrypoints/spans.py",
    "entrypoints/webhooks.py",
    "pipeline/gen_ai.py",
)
"""Every module of the functions that notes attributes on spans; a test looks for others."""
ATTRIBUTE = re.compile(
    r"(?:gen_ai|gatehouse|error|http|server|messaging|faas|cloud)\.[a-z_]+(?:\.[a-z_]+)*"
)
ROW = re.compile(r"^\| (`[^|]*`[^|]*) \|", flags=re.MULTILINE)


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def section(title: str) -> str:
    return PAGE.partition(f"## {title}")[2].partition("\n## ")[0]


def cells(text: str) -> set[str]:
    return {name for row in ROW.findall(text) for name in re.findall(r"`([^`]+)`", row)}


def test_every_attribute_is_explained_and_nothing_else_is():
    folder = ROOT / "functions"
    noted = {
        text
        for name in NOTING
        for text in strings(folder / name)
        if ATTRIBUTE.fullmatch(text) and not text.startswith("gatehouse.adapters")
    }
    explained = {name for name in cells(section("What a span says")) if "." in name}
    assert explained == noted


def test_no_other_module_notes_attributes():
    noting = {
        str(path.relative_to(ROOT / "functions"))
        for path in (ROOT / "functions").rglob("*.py")
        if re.search(r"\b(span|_span|segment)\.(note|set_attributes?)\(", path.read_text("utf-8"))
    }
    assert noting - {*NOTING} == {"pipeline/calls.py", "pipeline/stages.py"}, "they ask gen_ai"


def test_every_stage_has_its_span_explained():
    named = cells(section("Where the spans are"))
    stages = {
        text
        for module in (run.__file__, str(Path(run.__file__).with_name("calls.py")))
        for node in ast.walk(ast.parse(Path(module).read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(text := key.value, str)
    }
    assert {"residency", "fallback"} <= stages <= named
