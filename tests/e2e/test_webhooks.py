"""Results on their way to their callers, through the whole bundle.

There is no public address on this machine, and no result is ever sent to another: so what is seen
here is everything but the last step, which ``tests/integration`` shows against a real server.
"""

import json
from typing import Any

import httpx
import pytest

from local.stack import LocalStack
from tests.e2e.conftest import eventually, new_review
from tests.e2e.test_async_runs import ask, ended, letters

HERE = "https://localhost/results?key=between-us"


def lines(stack: LocalStack) -> list[dict[str, Any]]:
    """What the sender logged of its webhooks."""
    (name,) = (name for name in stack.running.functions if "-webhooks-" in name)
    log = stack.running.logs / f"{name}.log"
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    assert "between-us" not in text
    found = [json.loads(line[line.find("{") :]) for line in text.splitlines() if '"host"' in line]
    return [line for line in found if line["message"] == "webhook"]


def test_a_result_is_not_sent_to_an_address_that_is_not_public(
    http: httpx.Client, stack: LocalStack
) -> None:
    accepted = ask(http, stack, new_review(), **{"X-Callback-Url": HERE})
    assert accepted.status_code == 202, accepted.text
    found = ended(http, stack, accepted.headers["location"])
    assert found["status"] == "succeeded"
    assert "between-us" not in json.dumps(found)
    (letter,) = eventually(lambda: letters(stack, "webhooks"))
    assert (letter["reason"], letter["attempts"]) == ("callback-not-allowed", "1")
    assert letter["detail"] == "localhost has an address that is not public."
    assert (letter["run_id"], letter["team"]) == (found["id"], "platform")
    assert letter["trace_id"] == found["outcome"]["trace_id"]
    (line,) = eventually(lambda: [line for line in lines(stack) if line["run"] == found["id"]])
    assert (line["host"], line["status"]) == ("localhost", "callback-not-allowed")


def test_a_run_whose_caller_wants_nothing_sent_wakes_nobody(
    http: httpx.Client, stack: LocalStack
) -> None:
    quiet = ask(http, stack, new_review())
    ended(http, stack, quiet.headers["location"])
    told = ask(http, stack, new_review(), **{"X-Callback-Url": HERE})
    eventually(lambda: letters(stack, "webhooks"))
    eventually(lambda: told.json()["id"] in {line["run"] for line in lines(stack)})
    assert quiet.json()["id"] not in {line["run"] for line in lines(stack)}


@pytest.mark.parametrize(
    ("url", "status", "problem"),
    [
        ("https://evil.example.com/", 422, "callback-not-allowed"),
        ("http://localhost/", 400, "malformed-request"),
    ],
)
def test_a_callback_that_may_not_be_is_refused_at_once(
    http: httpx.Client, stack: LocalStack, url: str, status: int, problem: str
) -> None:
    refused = ask(http, stack, new_review(), **{"X-Callback-Url": url})
    assert refused.status_code == status
    assert refused.json()["type"] == f"urn:gatehouse:problem:{problem}"
