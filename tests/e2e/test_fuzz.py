"""A small, seeded part of the fuzzing that ``make soak`` does at length."""

from pathlib import Path

import pytest

from benchmarks.fuzz.__main__ import described
from benchmarks.fuzz.callers import Caller, callers
from benchmarks.fuzz.ran import run
from benchmarks.fuzz.strangers import leaks
from local.stack import LocalStack

OWNER, STRANGER = "retail", "platform"
MAY = "^(/ofrep/v1/evaluate/|/v1/(events|runs|agents$|agents/search|agents/review_sentiment))"
"""What the owner has the roles for, and what is answered in no time."""
PART = ("--phases", "examples,fuzzing,stateful", "--include-path-regex", MAY)


def one(stack: LocalStack, name: str) -> Caller:
    everybody = callers(stack.identity, owner=OWNER, stranger=STRANGER)
    return next(caller for caller in everybody if caller.name == name)


@pytest.mark.parametrize("name", ["owner", "no token"])
def test_every_answer_is_as_the_document_says(name: str, stack: LocalStack, tmp_path: Path) -> None:
    url, token = stack.running.gateway_url, stack.identity.mint(OWNER)
    document = tmp_path / "openapi.json"
    document.write_bytes(described(url, token))
    caller = one(stack, name)
    configuration = caller.configuration(tmp_path / caller.slug, url=url, examples=2, seed=1)

    ran = run(name, configuration, document, *PART)

    assert list(ran.failures) == [], (configuration.parent / "schemathesis.log").read_text()
    assert {operation for operation, _ in ran.answers} >= {"GET /v1/agents", "POST /v1/events"}
    assert bool(ran.later) is (name == "owner"), "and some runs are done later"
    stranger = stack.identity.mint(STRANGER)
    assert leaks(url, sorted(ran.later), owner=token, stranger=stranger) == []
