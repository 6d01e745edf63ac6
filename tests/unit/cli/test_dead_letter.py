"""One dead letter: why it is here, what goes back to the queue, and what a person may read."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.dead_letters import view
from cli.dead_letters.letter import OUR_ATTRIBUTES, Letter
from cli.dead_letters.selection import Selection
from functions.domain.message import DeadLetter
from tests.unit.cli.fake_sqs import DEAD, NOW, WORK_ARN, message, text

EVENT = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/shop",
    "type": "review.submitted",
    "time": "2026-11-02T09:00:00Z",
    "team": "retail",
    "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    "data": {"author": "ada.lovelace@example.com", "text": "Good tent."},
}
BURIED = {
    "reason": "malformed-request",
    "detail": "The message is no CloudEvent that the gatehouse takes: team.",
    "attempts": "2",
    "dead_lettered_at": "2026-11-02T08:00:00+00:00",
    "source_queue": "work",
}


def letter(body: str | dict[str, Any] = EVENT, **fields: Any) -> Letter:
    written = body if isinstance(body, str) else json.dumps(body)
    return Letter.of(message(written, **fields), DEAD)


def buried(body: str | dict[str, Any] = EVENT, **changes: str) -> Letter:
    return letter(body, attributes=text(**BURIED | changes))


def test_the_attributes_that_are_dropped_are_those_that_the_queue_function_writes():
    written = DeadLetter(reason="internal", detail="It broke.", attempts=1, at=NOW).attributes()
    assert {*written, "attempts", "source_queue"} == OUR_ATTRIBUTES


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (buried(), "malformed-request"),
        (letter(DeadLetterQueueSourceArn=WORK_ARN), "crashed"),
        (letter(), "undeliverable"),
    ],
)
def test_every_letter_has_a_reason(found: Letter, reason: str):
    assert found.reason == reason


def test_what_its_attributes_do_not_say_is_read_from_the_event():
    found = letter(DeadLetterQueueSourceArn=WORK_ARN)
    assert (found.team, found.type, found.trace_id) == ("retail", "review.submitted", "a" * 32)
    assert found.dead_since == NOW


def test_what_its_attributes_say_comes_first():
    found = buried(team="kyc-operations", event_type="kyc.requested", trace_id="f" * 32)
    assert (found.team, found.type, found.trace_id) == ("kyc-operations", "kyc.requested", "f" * 32)
    assert found.dead_since == NOW - timedelta(hours=1, minutes=30)


@pytest.mark.parametrize("body", ["", "[]", "{", '{"team": "Ada", "team": "Ada"}', '{"team": 7}'])
def test_a_body_that_is_no_event_says_nothing(body: str):
    found = letter(body)
    assert (found.team, found.type, found.trace_id, view.envelope(found)) == (None, None, None, {})


def test_the_body_goes_back_to_the_letter_without_what_was_written_beside_it():
    body = '{ "id" : "spaces and ünicode stay" }'
    sent = buried(body, team="retail").sending
    assert sent == {"MessageBody": body, "MessageGroupId": "retail"}


def test_a_moved_message_keeps_the_attributes_of_its_producer_but_not_its_turn():
    attributes = text(type="review.submitted", team="retail", due="1767000000000")
    sent = letter(attributes=attributes, MessageGroupId="group").sending
    assert sent["MessageAttributes"] == text(type="review.submitted", team="retail")
    assert sent["MessageGroupId"] == "group"


@pytest.mark.parametrize(
    ("conditions", "is_taken"),
    [
        ({}, True),
        ({"reason": "malformed-request", "team": "retail", "type": "review.submitted"}, True),
        ({"reason": "crashed"}, False),
        ({"team": "helpdesk"}, False),
        ({"type": "ticket.opened"}, False),
        ({"message_ids": frozenset({"m-1", "m-2"})}, True),
        ({"message_ids": frozenset({"m-2"})}, False),
        ({"dead_before": NOW - timedelta(hours=1)}, True),
        ({"dead_before": NOW - timedelta(hours=2)}, False),
    ],
)
def test_a_letter_is_meant_when_every_condition_fits(conditions: dict[str, Any], *, is_taken: bool):
    assert Selection(**conditions).takes(buried()) is is_taken


def test_personal_data_is_masked_unless_it_is_asked_for():
    found = buried()
    assert "ada" not in view.as_text(view.content(found, reveal=False))
    assert view.content(found, reveal=True) == EVENT["data"]
    assert view.envelope(found) == {k: v for k, v in EVENT.items() if k != "data"}


def test_a_field_that_nobody_defined_is_masked_like_the_data():
    found = buried(EVENT | {"contact": "ada.lovelace@example.com"})
    assert "contact" not in view.envelope(found)
    shown = view.content(found, reveal=False)
    assert "ada" not in view.as_text(shown)
    assert shown.keys() == {"contact", "data"}


@pytest.mark.parametrize("team", ["ada.lovelace@example.com", 7])
def test_of_a_body_that_is_no_event_every_field_is_masked(team: str | int):
    found = buried(EVENT | {"team": team})
    assert view.envelope(found) == {}
    assert "lovelace" not in view.as_text(view.content(found, reveal=False))


def test_a_body_that_is_no_json_is_masked_as_text():
    found = buried("write to ada.lovelace@example.com")
    assert view.content(found, reveal=False) == "write to [EMAIL_ADDRESS_1]"


def test_what_cannot_be_scanned_is_hidden():
    def broken(value: Any) -> Any:
        raise RuntimeError("no model")

    assert view.content(buried(), reveal=False, redact=broken) == view.CANNOT_SCAN
    assert view.content(buried(), reveal=True, redact=broken) == EVENT["data"]


def test_the_facts_tell_why_and_where_to_look():
    facts = view.facts("review_sentiment", buried(trace_id="f" * 32, run_id="run_1"))
    assert facts["detail"] == BURIED["detail"]
    assert (facts["attempts"], facts["came from"]) == ("2", "work")
    assert (facts["trace"], facts["run"]) == ("f" * 32, "run_1")


def test_a_moved_message_tells_how_often_it_was_received():
    facts = view.facts("review_sentiment", letter(DeadLetterQueueSourceArn=WORK_ARN))
    assert facts["attempts"] == "received 4 times, looks included"
    assert facts["came from"] == "work"
