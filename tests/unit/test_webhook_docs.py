"""The lines by which a receiver verifies a webhook do what their page says."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.domain.webhook import keys, signed_headers
from tests import fakes

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
OLD, NEW = "whsec_" + "a1B2" * 11, "whsec_" + "c3D4" * 11
BODY = b'{"status": "succeeded"}'


@pytest.fixture
def is_ours(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's own function, at the time of the test."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  # that the page's code runs is what is tested
    monkeypatch.setattr(names["time"], "time", fakes.NOW.timestamp)
    return names["is_ours"]


def test_a_receiver_knows_its_own_secret_also_while_it_is_replaced(is_ours: Any):
    headers = signed_headers("m-1", fakes.NOW, BODY, keys(f"{NEW} {OLD}"))
    assert is_ours(OLD, headers, BODY)
    assert is_ours(NEW, headers, BODY)


@pytest.mark.parametrize("changed", ["body", "secret", "Webhook-Id", "Webhook-Timestamp"])
def test_a_receiver_notices_what_is_not_ours(is_ours: Any, changed: str):
    headers = signed_headers("m-1", fakes.NOW, BODY, keys(OLD))
    later = str(int(fakes.NOW.timestamp()) + 1)
    other = {"Webhook-Id": "m-2", "Webhook-Timestamp": later}
    seen = headers | {name: value for name, value in other.items() if name == changed}
    body = b"{}" if changed == "body" else BODY
    assert not is_ours(NEW if changed == "secret" else OLD, seen, body)


def test_a_receiver_notices_what_is_sent_again_later(is_ours: Any):
    headers = signed_headers("m-1", fakes.NOW - timedelta(minutes=6), BODY, keys(OLD))
    assert not is_ours(OLD, headers, BODY)
