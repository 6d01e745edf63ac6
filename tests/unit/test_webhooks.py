"""One webhook and what becomes of it: every way in which it can end, with fakes."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.adapters.topic import about
from functions.bootstrap.surroundings import logger
from functions.bootstrap.webhooks import Webhooks
from functions.domain.errors import CallbackNotAllowed, ReceiverFailed
from functions.domain.event import Event
from functions.domain.record import RunRecord
from functions.domain.redelivery import MAX_RECEIVES
from functions.domain.team import Teams
from functions.entrypoints.webhooks import take
from functions.pipeline.deliver import Courier, Reply
from functions.pipeline.run import pipeline
from tests import fakes
from tests.unit.test_consumer import Desk, event, message

URL = "https://hooks.example.com/done?key=between-us"
HOSTS = frozenset({"hooks.example.com"})


class Office:
    """A function that sends results, made of fakes."""

    def __init__(self, reply: Reply | Exception | None = None, **changes: Any) -> None:
        self.receiver = fakes.FakeReceiver(reply or Reply(200))
        self.records, self.mailbox = fakes.FakeRecords(), fakes.FakeMailbox()
        self.telemetry = fakes.FakeTelemetry()
        team = fakes.TEAM.model_copy(update={"webhook_hosts": HOSTS})
        fields: dict[str, Any] = {
            "records": self.records,
            "courier": Courier(
                receiver=self.receiver, keys=fakes.FakeWebhookKeys(), now=lambda: fakes.NOW
            ),
            "mailbox": self.mailbox,
            "telemetry": self.telemetry,
            "teams": Teams(tiers={}, teams={team.name: team}),
            "now": lambda: fakes.NOW,
            "jitter": lambda: 1.0,
        }
        self.hooks = Webhooks(**fields | changes)
        self.accept()

    def accept(self, callback: str | None = URL) -> None:
        run = fakes.run(id=fakes.RUN_ID, channel="async", callback=callback)
        record = RunRecord.queued(replace(run, input=run.read()))
        self.records.kept.clear()
        self.records.accept(record)
        self.records.succeed(record, pipeline(fakes.parts())(fakes.run()), fakes.NOW)

    def take(self, receives: int = 1, **changes: Any) -> str:
        told = event(type="run.completed", runid=fakes.RUN_ID, data={}) | changes
        return take(self.hooks, message(told, receives=receives), timedelta(seconds=45))


def test_a_result_is_sent_as_its_team_may_read_it():
    office = Office()
    assert office.take() == "succeeded"
    ((to, headers, body),) = office.receiver.posted
    assert (to.host, to.port, to.target) == ("hooks.example.com", 443, "/done?key=between-us")
    assert json.loads(body) == office.records.kept["helpdesk", fakes.RUN_ID].shown()
    assert headers["Webhook-Id"] == f"{fakes.RUN_ID}-succeeded"
    assert headers["Webhook-Timestamp"] == str(int(fakes.NOW.timestamp()))
    assert headers["Webhook-Signature"].startswith("v1,")
    assert headers["Content-Type"] == "application/json"
    assert office.telemetry.webhooks == ["succeeded"]


def test_a_failed_run_is_told_of_with_its_problem():
    office = Office()
    record = office.records.kept["helpdesk", fakes.RUN_ID]
    office.records.fail(record.model_copy(update={"outcome": None}), {"status": 502}, fakes.NOW)
    office.take(type="run.failed")
    ((_, headers, body),) = office.receiver.posted
    assert headers["Webhook-Id"] == f"{fakes.RUN_ID}-failed"
    assert json.loads(body)["problem"] == {"status": 502}


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Reply(500), 5),
        (Reply(302), 5),
        (Reply(408), 5),
        (Reply(425), 5),
        (Reply(429, "60"), 65),
        (Reply(503, "Mon, 02 Nov 2026 09:31:40 GMT"), 105),
        (Reply(503, "Mon, 02 Nov 2026 09:00:00 GMT"), 5),
        (Reply(503, "86400"), 900),
        (Reply(503, "soon"), 5),
        (Reply(503, "-1"), 5),
        (ReceiverFailed("it did not answer"), 5),
    ],
)
def test_what_may_pass_is_tried_again_when_the_receiver_wants_it(
    reply: Reply | Exception, wait: int
):
    office = Office(reply)
    assert office.take() == "retried"
    assert office.mailbox.retried == [("m-1", wait)]
    assert not office.mailbox.buried


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_what_the_receiver_does_not_want_is_left_to_a_person(status: int):
    office = Office(Reply(status))
    assert office.take() == "dead-lettered"
    (letter,) = office.mailbox.buried
    assert (letter.reason, letter.run_id, letter.team) == (
        "receiver-refused",
        fakes.RUN_ID,
        "helpdesk",
    )
    assert str(status) in letter.detail
    assert letter.trace_id == "a" * 32


def test_what_fails_every_time_is_at_last_left_to_a_person():
    office = Office(Reply(503))
    assert office.take(receives=MAX_RECEIVES) == "dead-lettered"
    assert [letter.reason for letter in office.mailbox.buried] == ["receiver-failed"]


def test_an_address_that_is_not_public_is_not_tried_again():
    assert Office(CallbackNotAllowed("not public")).take() == "dead-lettered"


def test_a_host_that_was_taken_off_the_list_meanwhile_gets_nothing():
    office = Office(teams=Teams(tiers={}, teams={"helpdesk": fakes.TEAM}))
    assert office.take() == "dead-lettered"
    assert office.mailbox.buried[0].reason == "callback-not-allowed"
    assert not office.receiver.posted


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"team": "nobody"}, "access-denied"),
        ({"runid": "run_8"}, "not-found"),
        ({"specversion": "0.3"}, "malformed-request"),
    ],
)
def test_what_names_no_run_is_left_to_a_person(changes: dict[str, Any], reason: str):
    office = Office()
    assert office.take(**changes) == "dead-lettered"
    assert office.mailbox.buried[0].reason == reason


def test_a_run_that_was_brought_back_is_told_of_when_it_is_over():
    office = Office()
    record = office.records.kept["helpdesk", fakes.RUN_ID]
    pending = record.model_copy(update={"status": "running", "outcome": None})
    office.records.kept["helpdesk", fakes.RUN_ID] = pending
    assert office.take() == "succeeded"
    assert not office.receiver.posted


def test_a_run_without_a_callback_is_sent_nowhere():
    office = Office()
    office.accept(callback=None)
    assert office.take() == "succeeded"
    assert not office.receiver.posted


@pytest.mark.parametrize("reply", [Reply(200), Reply(410), ValueError("between-us")])
def test_the_log_names_the_host_and_nothing_that_is_between_team_and_receiver(
    reply: Reply | Exception, caplog: pytest.LogCaptureFixture
):
    Office(reply).take()
    write = logger().registered_formatter.format
    printed = [write(record) for record in caplog.records]
    line = json.loads(printed[-1])
    assert (line["message"], line["run"]) == ("webhook", fakes.RUN_ID)
    assert (line["team"], line["host"]) == ("helpdesk", "hooks.example.com")
    assert line["attempts"] == 1
    assert not [text for text in printed if "between-us" in text or "hello" in text]


@pytest.mark.parametrize("callback", [URL, None])
def test_an_announcement_says_whether_it_is_to_be_sent_on_and_not_where(callback: str | None):
    desk = Desk()
    run = fakes.run(id=fakes.RUN_ID, channel="async", callback=callback)
    desk.records.accept(RunRecord.queued(replace(run, input=run.read())))
    data = {"run_id": fakes.RUN_ID, "agent": "echo"}
    desk.take(message(event(type="run.requested", runid=fakes.RUN_ID, data=data)))
    (told,) = desk.publisher.events
    assert desk.publisher.callbacks == [callback is not None]
    assert "between-us" not in told.model_dump_json()


def test_subscriptions_can_tell_what_is_to_be_sent_on():
    told = Event.model_validate(event(type="run.completed"))
    assert about(told) == {"type": "run.completed", "team": "helpdesk"}
    assert about(told, callback=True)["callback"] == "yes"
