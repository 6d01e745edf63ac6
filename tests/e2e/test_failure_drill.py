"""The failure drill: each thing that can fail does, and the documented problem or fallback shows.

After each, the books are exact: what was spent is the sum of the ledger and what the provider
billed, and nothing stays promised.
"""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.bus import event
from tests.e2e.conftest import eventually, new_review, sample
from tests.e2e.drill import DETECTOR, FRUGAL, Drill, until_month_end
from tests.e2e.provider import ANSWER, FIRST, failing

REVIEWS, TEAM = "review_sentiment", "platform"
CAPACITY = "temporary-reduced-capacity"
DOCUMENTED = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def _books_are_exact(drill: Drill) -> Iterator[None]:
    """After whatever a test did, for the team that did it."""
    yield
    drill.assert_books_are_exact(TEAM, unsettled=drill.unsettled)


def is_problem(response: httpx.Response, status: int, slug: str) -> None:
    """The problem that the documents name, with when to come again if it is worth it."""
    assert (response.status_code, response.json()["type"]) == (
        status,
        f"urn:gatehouse:problem:{slug}",
    ), response.text
    assert f"| `{slug}` | {status} |" in DOCUMENTED
    assert ("retry-after" in response.headers) == (status in (429, 503))


def submitted(drill: Drill) -> dict[str, Any]:
    """A new review on the topic, that was tried at least once when this returns."""
    sent = event("review.submitted", new_review(), team=TEAM)
    drill.publish(sent, sent["type"], REVIEWS)
    return sent


@pytest.mark.parametrize("kind", ["throttled", "down"])
def test_a_model_that_fails_for_a_moment_is_asked_again(kind: str, drill: Drill) -> None:
    error = {"throttled": "ThrottlingException", "down": "ServiceUnavailableException"}[kind]
    with drill.models(failing(error, times=1)):
        response = drill.run(REVIEWS, new_review())
        assert response.status_code == 200, response.text
        assert len(drill.provider.calls()) == 2


def test_a_second_model_stands_in_for_the_first(drill: Drill) -> None:
    with drill.models(failing("ServiceUnavailableException", FIRST)):
        response = drill.run(REVIEWS, new_review())
        assert response.status_code == 200, response.text
        assert "sonnet" in response.json()["model"]


def test_an_old_answer_stands_in_when_no_model_answers(drill: Drill) -> None:
    review, two_days = new_review(), timedelta(days=2)
    first = drill.run(REVIEWS, review)
    with drill.later(two_days), drill.models(failing("ThrottlingException")):
        stale = drill.run(REVIEWS, review)
        assert len(drill.provider.calls()) > 0, "the models come first"
    assert (first.json()["cache"], stale.json()["cache"]) == ("miss", "stale")
    assert int(stale.headers["age"]) >= two_days.total_seconds()
    assert stale.json()["output"] == first.json()["output"]
    assert stale.json()["cost_micro_usd"] == 0


def test_models_that_stay_down_are_left_alone_until_a_probe_finds_them_well(drill: Drill) -> None:
    with drill.models(failing("ServiceUnavailableException")):
        for _ in range(3):
            is_problem(drill.run(REVIEWS, new_review()), 503, CAPACITY)
        asked = len(drill.provider.calls())
        is_problem(drill.run(REVIEWS, new_review()), 503, CAPACITY)
        is_problem(drill.run("ticket_summary", sample("ticket_summary")), 503, CAPACITY)
        assert len(drill.provider.calls()) == asked == 10, "five failures opened each circuit"
        drill.provider.play()
        with drill.later(timedelta(minutes=1)):
            assert drill.run(REVIEWS, new_review()).status_code == 200


def test_dynamodb_that_throttles_for_a_moment_is_asked_again(drill: Drill) -> None:
    with drill.store("throttled", times=2):
        response = drill.run(REVIEWS, new_review())
    assert response.status_code == 200, response.text


def test_what_cannot_be_read_is_done_without(drill: Drill) -> None:
    with drill.store("down", "GetItem"):
        response = drill.run(REVIEWS, new_review())
    assert response.status_code == 200, "neither the cache nor the circuits may stop a run"


@pytest.mark.parametrize("kind", ["throttled", "down"])
def test_without_dynamodb_no_model_is_asked_and_no_key_is_burnt(kind: str, drill: Drill) -> None:
    review, key = new_review(), {"Idempotency-Key": str(uuid.uuid4())}
    with drill.models():
        with drill.store(kind):
            is_problem(drill.run(REVIEWS, review, **key), 503, "store-unavailable")
        assert drill.provider.calls() == []
        again = drill.run(REVIEWS, review, **key)
    assert again.status_code == 200, again.text
    assert "idempotent-replayed" not in again.headers


def test_a_promise_that_cannot_be_written_asks_no_model(drill: Drill) -> None:
    with drill.models(), drill.store("down", "UpdateItem"):
        is_problem(drill.run(REVIEWS, new_review()), 503, "store-unavailable")
        assert drill.provider.calls() == []


def test_a_run_whose_end_cannot_be_written_promises_nothing_for_ever(drill: Drill) -> None:
    before = drill.provider.bill(TEAM)
    with drill.store("down", "TransactWriteItems"):
        is_problem(drill.run(REVIEWS, new_review()), 503, "store-unavailable")
    drill.sweep()
    drill.unsettled += drill.provider.bill(TEAM) - before


@pytest.mark.parametrize("operation", ["UpdateItem", "TransactWriteItems"])
def test_what_was_written_although_its_answer_was_lost_counts_once(
    operation: str, drill: Drill
) -> None:
    with drill.store("unheard", operation, times=1):
        response = drill.run(REVIEWS, new_review())
    assert response.status_code == 200, response.text
    drill.sweep()  # a promise that was made twice is given back once


def test_without_its_detector_the_gatehouse_does_nothing(drill: Drill) -> None:
    with drill.models():
        with drill.damaged(DETECTOR, None):
            is_problem(drill.run(REVIEWS, new_review()), 500, "scan-failed")
        assert drill.provider.calls() == []
        assert drill.run(REVIEWS, new_review()).status_code == 200


def test_events_that_met_a_failure_are_answered_once_when_it_is_over(drill: Drill) -> None:
    failures: list[AbstractContextManager[None]] = [
        drill.damaged(DETECTOR, None),
        drill.store("throttled"),
        drill.store("down"),
        drill.models(failing("ThrottlingException")),
    ]
    met = []
    for failure in failures:
        with failure:
            met.append(submitted(drill))
        assert not drill.bus.answers(met[-1])
    eventually(lambda: all(drill.bus.answers(sent) for sent in met))
    answers = [answer["id"] for sent in met for answer in drill.bus.answers(sent)]
    assert len(answers) == len({*answers}) == len(failures)
    assert len(drill.provider.calls()) == len(failures)


def test_at_a_month_s_end_budgets_renew_and_a_run_belongs_to_where_it_began(drill: Drill) -> None:
    for attempt, seconds in enumerate((9, 18, 27)):
        # Another month each time: what a slow attempt spent is spent.
        ahead = until_month_end(timedelta(seconds=seconds), attempt)
        midnight = datetime.now(UTC) + ahead + timedelta(seconds=seconds)
        with drill.later(ahead):
            refused = used_up(drill)  # after a cold start, which nobody can time
            left = (midnight - datetime.now(UTC) - ahead).total_seconds()
            if left > 1:
                passes_midnight(drill, refused, left)
                return
    pytest.fail("no cold start was quick enough")


def used_up(drill: Drill) -> httpx.Response:
    """What a team is told when the month's money is spent."""
    while (response := drill.run(REVIEWS, new_review(), team=FRUGAL)).status_code == 200:
        pass
    is_problem(response, 429, "budget-exhausted")
    return response


def passes_midnight(drill: Drill, refused: httpx.Response, left: float) -> None:
    assert left < int(refused.headers["retry-after"]) < left + 10
    with drill.models(ANSWER | {"latency_ms": int((left + 1) * 1000)}):
        slow = drill.run(REVIEWS, new_review())
    renewed = drill.run(REVIEWS, new_review(), team=FRUGAL)

    assert slow.status_code == 200, slow.text
    assert renewed.status_code == 200, f"it is the next month: {renewed.text}"
    ids = [slow.json()["id"], renewed.json()["id"]]
    months = {line["run"]["S"]: line["pk"]["S"].partition("#")[2] for line in drill.items("Ledger")}
    before, after = (months[each] for each in ids)
    assert before < after
    drill.assert_books_are_exact(FRUGAL)
