"""Runs that are accepted now and done later."""

from dataclasses import replace
from typing import Any

import pytest

from functions.domain.errors import (
    AccessDenied,
    IdempotencyKeyReused,
    InvalidInput,
    StoreUnavailable,
    WrongZone,
)
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.domain.team import Caller
from functions.pipeline.accept import keep_and_announce
from functions.pipeline.run import acceptance
from tests import fakes


class Gate:
    """An acceptance of fakes, to read off what it kept and said."""

    def __init__(self, publisher: Any = None) -> None:
        self.records = fakes.FakeRecords()
        self.publisher = publisher or fakes.FakePublisher()
        self.telemetry = fakes.FakeTelemetry()
        parts = fakes.parts(telemetry=self.telemetry)
        self._accept = acceptance(
            parts, keep_and_announce(self.records, self.publisher, "/gatehouse/eu/runs")
        )

    def accept(self, **changes: Any) -> RunRecord:
        return self._accept(fakes.run(channel="async", **changes))


def test_an_accepted_run_is_kept_and_announced_without_its_input():
    gate = Gate()
    record = gate.accept(input={"word": "secret"})
    assert record.status == "queued"
    assert record.order.input == {"word": "secret"}
    (told,) = gate.publisher.events
    assert (told.type, told.runid, told.team) == ("run.requested", record.id, record.team)
    assert told.data["caller"] == {"subject": "ada", "roles": ["echo:say"]}
    assert "secret" not in told.model_dump_json()
    assert told.trace is None, "it joins the trace in which it is sent"
    assert gate.telemetry.counted == ["accepted"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"input": {"word": ""}}, InvalidInput),
        ({"caller": Caller(subject="eve", team="helpdesk", zone="eu")}, AccessDenied),
        ({"caller": Caller(subject="sam", team="helpdesk", zone="us")}, WrongZone),
    ],
)
def test_what_would_be_refused_later_is_refused_now(
    changes: dict[str, Any], error: type[Exception]
):
    gate = Gate()
    with pytest.raises(error):
        gate.accept(**changes)
    assert not gate.records.kept
    assert not gate.publisher.events


def test_a_repeated_request_finds_its_run_and_announces_it_until_it_has_begun():
    gate = Gate()
    first, second = gate.accept(), gate.accept()
    assert first == second
    assert len({told.id for told in gate.publisher.events}) == 1
    gate.records.begin(first.team, first.id, fakes.NOW)
    assert gate.accept().status == "running"
    assert len(gate.publisher.events) == 2


def test_a_key_that_belongs_to_another_input_is_refused():
    gate = Gate()
    gate.accept(input={"word": "one"})
    with pytest.raises(IdempotencyKeyReused):
        gate.accept(input={"word": "two"})


def test_a_run_whose_event_could_not_be_sent_is_announced_by_the_repetition():
    class Flaky(fakes.FakePublisher):
        """Fails once."""

        failed = False

        def publish(self, event: Any, *, callback: bool = False) -> Any:
            if not self.failed:
                self.failed = True
                raise StoreUnavailable("down")
            return super().publish(event, callback=callback)

    gate = Gate(Flaky())
    with pytest.raises(StoreUnavailable):
        gate.accept()
    assert gate.accept().status == "queued"
    assert len(gate.publisher.events) == 1


def test_a_record_shows_its_team_what_became_of_it_and_never_what_was_asked():
    run: Run = fakes.run(channel="async", input={"word": "hello"})
    shown = RunRecord.queued(replace(run, input=run.read())).shown()
    assert shown == {
        "id": fakes.RUN_ID,
        "agent": "echo",
        "status": "queued",
        "accepted_at": "2026-11-02T09:30:00Z",
        "changed_at": "2026-11-02T09:30:00Z",
    }
