"""Runs that are done later, and messages that cannot be worked on, through the whole bundle."""

import json
import uuid
from typing import Any

import httpx

from local.stack import LocalStack
from tests.e2e.bus import Bus, event
from tests.e2e.conftest import Play, eventually, new_review
from tests.e2e.test_events import function_of

LATER = {"Prefer": "respond-async"}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def token(stack: LocalStack, team: str = "platform") -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.identity.mint(team)}"}


def ask(
    http: httpx.Client, stack: LocalStack, given: dict[str, Any], **headers: str
) -> httpx.Response:
    sent = token(stack) | LATER | headers
    return http.post("/v1/agents/review_sentiment/run", json={"input": given}, headers=sent)


def ended(http: httpx.Client, stack: LocalStack, place: str) -> dict[str, Any]:
    """The run's record when it is over."""

    def look() -> dict[str, Any] | None:
        reply = http.get(place, headers=token(stack))
        found: dict[str, Any] = reply.json()
        pending = found["status"] in {"queued", "running"}
        assert pending is ("retry-after" in reply.headers)
        return None if pending else found

    found: dict[str, Any] = eventually(look)
    return found


def letters(stack: LocalStack, agent: str) -> list[dict[str, str]]:
    """The attributes of all that lies in an agent's dead-letter queue; they are taken out."""
    sqs = stack.aws.client("sqs")
    queues = stack.running.queues
    (url,) = (u for name, u in queues.items() if agent.replace("_", "-") in name and "Dead" in name)
    received = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages", [])
    for message in received:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [
        {name: value["StringValue"] for name, value in m["MessageAttributes"].items()}
        for m in received
    ]


def test_a_run_that_nobody_waits_for_is_read_when_it_is_done(
    http: httpx.Client, stack: LocalStack
) -> None:
    accepted = ask(http, stack, new_review(), traceparent=f"00-{TRACE_ID}-{'b' * 16}-01")
    assert accepted.status_code == 202, accepted.text
    assert accepted.headers["preference-applied"] == "respond-async"
    found = ended(http, stack, accepted.headers["location"])
    assert found["status"] == "succeeded", found
    assert found["id"] == accepted.json()["id"] == found["outcome"]["id"]
    assert found["outcome"]["trace_id"] == TRACE_ID
    assert found["outcome"]["cost_micro_usd"] > 0


def test_a_run_is_nobody_elses(http: httpx.Client, stack: LocalStack) -> None:
    place = ask(http, stack, new_review()).headers["location"]
    for other in ("retail", "helpdesk"):
        reply = http.get(place, headers=token(stack, other))
        assert reply.status_code == 404
        assert reply.json()["type"] == "urn:gatehouse:problem:not-found"
    assert http.get(place, headers=token(stack, "us-support")).status_code == 421
    assert http.get(place, headers=token(stack)).status_code == 200


def test_a_key_names_one_run_that_is_done_later(
    http: httpx.Client, stack: LocalStack, play: Play
) -> None:
    play()
    review, key = new_review(), {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    first, second = (ask(http, stack, review, **key) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert ended(http, stack, first.headers["location"])["status"] == "succeeded"
    assert ask(http, stack, new_review(), **key).status_code == 422
    again = ask(http, stack, review, **key)
    assert (again.status_code, again.json()["status"]) == (202, "succeeded")
    calls = httpx.get(f"{stack.running.model_url}/_scripted/calls").json()["calls"]
    assert len(calls) == 1


def test_what_would_fail_anyway_is_refused_at_once(http: httpx.Client, stack: LocalStack) -> None:
    refused = ask(http, stack, {"text": 7})
    assert (refused.status_code, "location" in refused.headers) == (422, False)


def test_a_run_that_fails_tells_its_caller_why(
    http: httpx.Client, stack: LocalStack, play: Play
) -> None:
    play({"error": "ValidationException"})
    place = ask(http, stack, new_review()).headers["location"]
    found = ended(http, stack, place)
    assert found["status"] == "failed"
    assert found["problem"]["type"] == "urn:gatehouse:problem:model-refused"
    (letter,) = eventually(lambda: letters(stack, "review_sentiment"))
    assert letter["reason"] == "model-refused"
    assert letter["run_id"] == found["id"]
    assert letter["trace_id"] == found["problem"]["trace_id"]


def test_a_message_that_can_never_work_is_a_dead_letter_after_one_try(
    stack: LocalStack, bus: Bus
) -> None:
    sent = event("review.submitted", {"text": 7})
    bus.publish(sent)
    (letter,) = eventually(lambda: letters(stack, "review_sentiment"))
    assert (letter["reason"], letter["attempts"]) == ("invalid-input", "1")
    assert letter["team"] == "platform"


def test_events_that_answer_one_another_are_cut(stack: LocalStack, bus: Bus) -> None:
    circle = event("review.submitted", new_review()) | {"hops": 8, "chain": "one two three"}
    bus.publish(circle)
    (letter,) = eventually(lambda: letters(stack, "review_sentiment"))
    assert letter["reason"] == "event-loop"
    assert "one two three" not in letter["detail"], "it is the producer's own text"
    assert not bus.answers(circle)


def test_a_team_that_sends_too_fast_is_slowed_down_and_loses_nothing(
    stack: LocalStack, bus: Bus
) -> None:
    sent = [event("review.submitted", new_review(), team="hasty") for _ in range(9)]
    for each in sent:
        bus.publish(each)
    found: list[dict[str, str]] = []

    def all_of_them() -> bool:
        found.extend(letters(stack, "review_sentiment"))
        return len(found) >= len(sent)

    eventually(all_of_them)
    # The team has no role for this agent: each of its events was looked at once, in its turn.
    assert [letter["reason"] for letter in found] == ["access-denied"] * len(sent)
    assert {letter["attempts"] for letter in found} == {"1"}
    eventually(lambda: _results(stack).get("postponed", 0) >= 3)


def _results(stack: LocalStack) -> dict[str, int]:
    """How many messages ended how, as the function's own metrics say."""
    counted: dict[str, int] = {}
    log = stack.running.logs / f"{function_of(stack, 'review_sentiment')}.log"
    for line in log.read_text(encoding="utf-8").splitlines():
        if '"Deliveries"' in line and (start := line.find("{")) >= 0:
            found = json.loads(line[start:])
            counted[found["result"]] = counted.get(found["result"], 0) + 1
    return counted
