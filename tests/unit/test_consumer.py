"""One message and what becomes of it: every way in which it can end, with fakes."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.bootstrap.queue import Queue
from functions.domain.audit_lines import Site
from functions.domain.errors import InvalidModelReply, ModelRefused, StoreUnavailable
from functions.domain.message import Message
from functions.domain.pace import Slot
from functions.domain.record import RunRecord
from functions.domain.redelivery import MAX_RECEIVES
from functions.domain.team import Limits, Teams
from functions.entrypoints.consumer import take
from functions.entrypoints.messages import read_message
from functions.pipeline.run import pipeline
from tests import fakes

NOW_MILLIS = int(fakes.NOW.timestamp() * 1000)
LIMITS = Limits(requests_per_second=10, burst=20, requests_per_month=1000)


class Desk:
    """A queue function made of fakes, to read off what became of a message."""

    def __init__(self, *, emits: str = "word.echoed", **changes: Any) -> None:
        self.mailbox = changes.pop("mailbox", fakes.FakeMailbox())
        self.publisher, self.records = fakes.FakePublisher(), fakes.FakeRecords()
        self.telemetry, self.trail = fakes.FakeTelemetry(), fakes.FakeTrail()
        heard = {"consumes": ["word.said"], "emits": emits}
        finder = fakes.agents(**heard)
        parts = {"trail": self.trail} | changes.pop("parts", {})
        fields: dict[str, Any] = {
            "manifest": fakes.manifest(**heard),
            "runs": pipeline(fakes.parts(agents=finder, telemetry=self.telemetry, **parts)),
            "records": self.records,
            "publisher": self.publisher,
            "mailbox": self.mailbox,
            "pace": fakes.FakePace(),
            "telemetry": self.telemetry,
            "trail": self.trail,
            "site": Site("eu", "eu-central-1"),
            "teams": Teams(tiers={"standard": LIMITS}, teams={fakes.TEAM.name: fakes.TEAM}),
            "source": "/gatehouse/eu/echo",
            "now": lambda: fakes.NOW,
            "jitter": lambda: 1.0,
        }
        self.queue = Queue(**fields | changes)

    def take(self, given: Message) -> str:
        return take(self.queue, given, timedelta(seconds=60))

    def record(self) -> RunRecord:
        return self.records.kept[fakes.TEAM.name, fakes.RUN_ID]


def event(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/shop",
        "type": "word.said",
        "time": (fakes.NOW - timedelta(seconds=3)).isoformat(),
        "team": fakes.TEAM.name,
        "data": {"word": "hello"},
    } | changes


def message(body: object = None, **changes: Any) -> Message:
    text = body if isinstance(body, str) else json.dumps(body or event())
    return replace(Message(id="m-1", body=text, receipt="r-1", receives=1), **changes)


def a_record(**attributes: Any) -> SQSRecord:
    """A message as Lambda hands it over."""
    return SQSRecord(
        {
            "messageId": "m-1",
            "receiptHandle": "r-1",
            "body": "{}",
            "attributes": {"ApproximateReceiveCount": "3", "MessageGroupId": "retail"},
            "messageAttributes": attributes,
        }
    )


def test_a_message_is_read_off_its_record():
    expected = Message(id="m-1", body="{}", receipt="r-1", receives=3, group="retail")
    assert read_message(a_record()) == expected
    due = {"stringValue": "1234", "dataType": "String"}
    assert read_message(a_record(due=due)) == replace(expected, due_millis=1234)
    for odd in ("soon", "-1", "9" * 20):
        assert read_message(a_record(due={**due, "stringValue": odd})) == expected


def test_an_event_is_answered_by_an_event_that_names_its_cause():
    desk = Desk()
    assert desk.take(message()) == "succeeded"
    (answer,) = desk.publisher.events
    assert (answer.type, answer.data) == ("word.echoed", {"word": "hello"})
    assert (answer.causationid, answer.hops, answer.chain) == ("e-1", 1, "e-1")
    assert desk.telemetry.deliveries == [("succeeded", 3.0)]


def test_a_failure_that_may_pass_brings_the_message_back_later():
    desk = Desk(parts={"books": DownBooks()})
    assert desk.take(message()) == "retried"
    assert desk.mailbox.retried == [("m-1", 5)]
    assert not desk.mailbox.buried


def test_what_fails_every_time_is_at_last_buried_with_its_reason():
    desk = Desk(parts={"books": DownBooks()})
    assert desk.take(message(receives=MAX_RECEIVES)) == "dead-lettered"
    (letter,) = desk.mailbox.buried
    assert (letter.reason, letter.attempts) == ("store-unavailable", MAX_RECEIVES)
    assert (letter.team, letter.event_type) == (fakes.TEAM.name, "word.said")
    assert letter.trace_id == "a" * 32
    assert letter.run_id
    assert desk.telemetry.dead_letters == ["store-unavailable"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "malformed-request"),
        (event(specversion="0.3"), "malformed-request"),
        (event(type="word.unheard"), "malformed-request"),
        (event(team="nobody"), "access-denied"),
        (event(data={"word": ""}), "invalid-input"),
        (event(hops=8, chain="a b c"), "event-loop"),
        (event(type="run.requested", runid="run_gone"), "not-found"),
    ],
)
def test_what_can_never_work_is_buried_at_once(body: object, reason: str):
    desk = Desk()
    assert desk.take(message(body)) == "dead-lettered"
    assert [letter.reason for letter in desk.mailbox.buried] == [reason]
    assert not desk.mailbox.retried
    (line,) = desk.trail.lines
    assert (line["decision"], line["reason"], line["agent"]) == ("refused", reason, "echo")
    assert line["kind"] == ("run" if reason == "invalid-input" else "event")


def test_what_a_message_makes_up_is_not_written_down():
    desk = Desk()
    for body in ("{", event(team="nobody", type="word.unheard", workflow="gossip")):
        desk.take(message(body))
    unread, foreign = desk.trail.lines
    assert unread["who"] == {"subject": "unread"}
    assert foreign["who"] == {"subject": "/shop"}
    assert foreign["event"] == "/shop e-1"
    assert not {"event_type", "workflow"} & foreign.keys()


def test_a_message_is_buried_although_the_trail_is_away():
    desk = Desk()
    desk.trail.away = True
    assert desk.take(message("{")) == "dead-lettered"


def test_an_agent_that_emits_what_it_consumes_is_cut_after_eight_answers():
    desk = Desk(emits="word.said")
    assert desk.take(message()) == "succeeded"
    results: list[str] = []
    while results[-1:] != ["dead-lettered"]:
        told = desk.publisher.events[-1]
        results.append(desk.take(message(told.model_dump_json(exclude_none=True))))
    assert results == ["succeeded"] * 7 + ["dead-lettered"]
    assert [told.hops for told in desk.publisher.events] == [1, 2, 3, 4, 5, 6, 7, 8]
    (letter,) = desk.mailbox.buried
    assert letter.reason == "event-loop"
    *before, last = desk.publisher.events
    assert last.chain == " ".join(["e-1", *(told.id for told in before)])
    assert desk.telemetry.dead_letters == ["event-loop"]


@pytest.mark.parametrize("broken", [SystemExit(1), KeyboardInterrupt(), ValueError("a secret")])
def test_nothing_that_a_record_does_ends_the_batch(
    broken: BaseException, capsys: pytest.CaptureFixture[str]
):
    def breaks(_: object) -> None:
        raise broken

    desk = Desk(runs=breaks)
    assert desk.take(message()) == "retried"
    assert "a secret" not in capsys.readouterr().out


def test_a_message_whose_queue_cannot_be_reached_is_left_to_the_queues_own_limits():
    desk = Desk(mailbox=fakes.FakeMailbox(broken=True))
    assert desk.take(message("{")) == "retried"


def test_a_team_that_is_too_fast_is_delayed_to_its_slot_and_loses_nothing():
    desk = Desk(pace=fakes.FakePace([Slot(NOW_MILLIS + 9_500, 7)]))
    assert desk.take(message()) == "postponed"
    due = NOW_MILLIS + 7_500
    assert desk.mailbox.postponed == [("m-1", 8, due)], "a burst of 20 is two seconds ahead"
    assert not desk.publisher.events
    later = Desk(now=lambda: fakes.NOW + timedelta(seconds=8))
    assert later.take(message(due_millis=due)) == "succeeded"


def test_a_slot_that_is_further_away_than_a_queue_can_wait_is_waited_for_in_turns():
    desk = Desk(pace=fakes.FakePace([Slot(NOW_MILLIS + 3_602_000, 7)]))
    desk.take(message())
    assert desk.mailbox.postponed == [("m-1", 900, NOW_MILLIS + 3_600_000)]
    desk.take(message(due_millis=NOW_MILLIS + 2_700_000))
    assert desk.mailbox.postponed[1] == ("m-1", 900, NOW_MILLIS + 2_700_000)


def test_events_beyond_the_months_quota_wait_for_a_person():
    desk = Desk(pace=fakes.FakePace([Slot(NOW_MILLIS, LIMITS.requests_per_month + 1)]))
    assert desk.take(message()) == "dead-lettered"
    assert desk.mailbox.buried[0].reason == "quota-exceeded"


class DownBooks(fakes.FakeBooks):
    """Books that cannot be reached."""

    def reserve(self, run: Any, amount: Any) -> Any:
        raise StoreUnavailable("down")


def ordered(desk: Desk, word: str = "hello") -> dict[str, Any]:
    """A run that was accepted, and the event that asks for it."""
    run = fakes.run(channel="async", input={"word": word})
    run = replace(run, input=run.read())
    desk.records.accept(RunRecord.queued(run))
    return event(
        type="run.requested", runid=fakes.RUN_ID, data={"run_id": fakes.RUN_ID, "agent": "echo"}
    )


def test_a_requested_run_ends_in_its_record_and_is_announced():
    desk = Desk()
    assert desk.take(message(ordered(desk))) == "succeeded"
    record = desk.record()
    assert record.status == "succeeded"
    assert record.outcome
    assert record.outcome.output == {"word": "hello"}
    (told,) = desk.publisher.events
    assert (told.type, told.runid, told.data["run_id"]) == (
        "run.completed",
        fakes.RUN_ID,
        fakes.RUN_ID,
    )


def test_a_requested_run_that_is_delivered_again_is_told_again_and_not_done_again():
    desk = Desk()
    asked = ordered(desk)
    desk.take(message(asked))
    again = Desk(runs=lambda _: pytest.fail("it was done before"))
    again.records.kept = desk.records.kept
    assert again.take(message(asked)) == "succeeded"
    assert desk.publisher.events[0].id == again.publisher.events[0].id


@pytest.mark.parametrize(
    ("error", "result"), [(ModelRefused("no"), "dead-lettered"), (None, "failed")]
)
def test_a_requested_run_that_fails_for_good_is_told_to_its_caller(
    error: Exception | None, result: str
):
    parts = {"model": fakes.FakeModel([error])} if error else {}
    desk = Desk(parts=parts)
    asked = ordered(desk, "hello" if error else "")
    assert desk.take(message(asked)) == result
    record = desk.record()
    assert record.status == "failed"
    assert record.problem
    assert record.problem["status"] in {422, 502}
    assert desk.publisher.events[0].type == "run.failed"
    assert bool(desk.mailbox.buried) is (result == "dead-lettered")


def test_a_requested_run_is_pending_while_it_is_tried_again():
    desk = Desk(parts={"model": fakes.FakeModel([InvalidModelReply("odd")])})
    assert desk.take(message(ordered(desk))) == "retried"
    assert desk.record().pending


def test_the_roles_of_a_requested_run_are_those_of_its_caller_whatever_the_event_says():
    desk = Desk()
    asked = ordered(desk)
    record = desk.record()
    order = record.order.model_copy(update={"roles": frozenset({"other:role"})})
    desk.records.kept[fakes.TEAM.name, fakes.RUN_ID] = record.model_copy(update={"order": order})
    asked["data"]["caller"] = {"subject": "ada", "roles": ["echo:say"]}
    assert desk.take(message(asked)) == "failed"
    assert desk.publisher.events[0].data["problem"]["status"] == 403
