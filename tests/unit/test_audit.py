"""Every run has its line, whatever became of it, and no line says what was sent."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from functions.domain.audit import AuditLine
from functions.domain.audit_lines import digest
from functions.domain.errors import (
    AccessDenied,
    BudgetExhausted,
    GatehouseError,
    StoreUnavailable,
    UnknownAgent,
    WrongZone,
)
from functions.domain.names import JsonObject, RunId
from functions.domain.record import RunRecord
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.pipeline.run import acceptance, pipeline
from tests import fakes
from tests.unit.test_telemetry_holds_no_content import ENDINGS, MAIL, SAID

FILE = Path(__file__).parents[2] / "docs" / "audit.schema.json"
SCHEMA = Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8")))
STRANGER = Caller(subject="eve", team="helpdesk", zone="us", roles=frozenset({"echo:say"}))


def lines_of(run: Run, **parts: Any) -> list[JsonObject]:
    trail = fakes.FakeTrail()
    with suppress(GatehouseError, RuntimeError):
        pipeline(fakes.parts(trail=trail, **parts))(run)
    for line in trail.lines:
        SCHEMA.validate(line)
    return trail.lines


def line_of(run: Run, **parts: Any) -> JsonObject:
    (line,) = lines_of(run, **parts)
    return line


def test_a_line_says_who_what_when_by_which_rules_and_for_how_much():
    caller = Caller(
        subject="ada",
        team="helpdesk",
        zone="eu",
        roles=frozenset({"echo:say", "x:other"}),
        issuer="https://login.example.com/",
    )
    line = line_of(fakes.run(caller=caller, request_id="r-1", workflow="onboarding"))

    rules = line.pop("rules")
    assert line.pop("id")
    assert line == {
        "time": "2026-11-02T09:30:00Z",
        "kind": "run",
        "zone": "eu",
        "region": "eu-central-1",
        "who": {
            "subject": "ada",
            "team": "helpdesk",
            "zone": "eu",
            "issuer": "https://login.example.com/",
            "roles_used": ["echo:say"],
        },
        "channel": "http",
        "decision": "answered",
        "run": fakes.RUN_ID,
        "trace": "a" * 32,
        "request": "r-1",
        "workflow": "onboarding",
        "agent": "echo",
        "version": "1.2.3",
        "models": [fakes.MODEL],
        "answered_by": "test-model",
        "cost_micro_usd": 150,
    }
    manifest = fakes.manifest()
    assert rules == {
        "manifest": digest(manifest),
        "personal_data": digest(manifest.personal_data),
        "switched_on": True,
        "budget_micro_usd": {"team": 10_000_000},
        "prices_since": rules["prices_since"],
    }
    assert len(rules["prices_since"]) == 1


@pytest.mark.parametrize("status", ENDINGS)
def test_however_a_run_ends_it_has_one_line_and_the_line_no_content(status: str):
    parts, sent = ENDINGS[status]
    line = line_of(fakes.run(**{"input": {"text": SAID}} | sent), **parts)

    assert line.get("reason", "succeeded") == status
    line["who"].pop("subject")
    assert "abernathy" not in json.dumps(line).casefold()


def test_the_subject_is_the_one_thing_of_a_person_in_it():
    caller = Caller(subject=MAIL, team="helpdesk", zone="us", roles=frozenset())
    assert line_of(fakes.run(caller=caller))["who"]["subject"] == MAIL


@pytest.mark.parametrize(
    ("run", "parts", "decision", "error"),
    [
        ({"caller": STRANGER}, {}, "refused", WrongZone),
        ({"caller": STRANGER.model_copy(update={"zone": "eu", "roles": frozenset()})}, {},
         "refused", AccessDenied),
        ({"agent": "Wilhelmina"}, {}, "refused", UnknownAgent),
        ({}, {"books": fakes.FakeBooks(available=1)}, "refused", BudgetExhausted),
    ],
)  # fmt: skip
def test_a_run_that_a_rule_refuses_has_its_line_too(
    run: Any, parts: Any, decision: str, error: type[GatehouseError]
):
    line = line_of(fakes.run(**run), **parts)
    assert (line["decision"], line["reason"]) == (decision, error.slug)
    assert "Wilhelmina" not in json.dumps(line)


def test_what_was_hidden_is_counted_by_kind():
    word = fakes.run(input={"word": "a@b.example c@d.de"})
    assert line_of(word, agents=fakes.agents())["redactions"] == {"EMAIL_ADDRESS": 2}


def test_an_answer_from_the_cache_and_a_replay_are_told_apart():
    trail, books = fakes.FakeTrail(), fakes.FakeBooks()
    agents = fakes.agents(cache={"ttl_seconds": 60})
    runs = pipeline(fakes.parts(trail=trail, books=books, agents=agents))
    runs(fakes.run(idempotency_key="k"))
    runs(fakes.run(id=RunId("run_2")))
    runs(fakes.run(id=RunId("run_3"), idempotency_key="k"))

    assert [line["decision"] for line in trail.lines] == ["answered", "cached", "replayed"]
    assert trail.lines[2]["replay_of"] == fakes.RUN_ID
    assert "cost_micro_usd" not in trail.lines[1]


def test_a_run_that_is_done_later_has_a_line_when_it_is_accepted():
    trail = fakes.FakeTrail()
    accept = acceptance(fakes.parts(trail=trail), RunRecord.queued)
    accept(fakes.run(channel="async", deadline=fakes.NOW + timedelta(seconds=9)))
    (line,) = trail.lines
    assert (line["decision"], line["channel"], line["run"]) == ("accepted", "async", fakes.RUN_ID)


def test_an_event_is_named_and_its_key_only_there():
    assert line_of(fakes.run(channel="event", idempotency_key="/shop 1"))["event"] == "/shop 1"
    assert "event" not in line_of(fakes.run(idempotency_key=MAIL))


def test_a_trail_that_is_away_costs_no_run_its_answer():
    trail = fakes.FakeTrail(away=True)
    assert isinstance(pipeline(fakes.parts(trail=trail))(fakes.run()), Outcome)


def test_an_agent_can_demand_its_line_before_its_reply_leaves():
    trail, memory, model = fakes.FakeTrail(away=True), fakes.FakeMemory(), fakes.FakeModel()
    agents = fakes.agents(audit={"required": True})
    runs = pipeline(fakes.parts(trail=trail, memory=memory, model=model, agents=agents))
    with pytest.raises(StoreUnavailable):
        runs(fakes.run(idempotency_key="k"))

    trail.away = False
    assert runs(fakes.run(idempotency_key="k")).replayed, "nothing is paid again"
    assert (len(trail.lines), len(model.questions)) == (1, 1)


def test_what_refused_a_run_is_told_also_when_the_trail_is_away():
    trail = fakes.FakeTrail(away=True)
    parts = fakes.parts(trail=trail, agents=fakes.agents(audit={"required": True}))
    with pytest.raises(WrongZone):
        pipeline(parts)(fakes.run(caller=STRANGER))


def test_the_same_manifest_has_the_same_digest_and_another_role_another():
    some = fakes.manifest(roles=["b:b", "a:a", "c:c"])
    assert digest(some) == digest(fakes.manifest(roles=["c:c", "a:a", "b:b"]))
    assert digest(some) != digest(fakes.manifest(roles=["a:a"]))


class DyingTrail(fakes.FakeTrail):
    """The function ends while it hands over its first line."""

    def write(self, lines: Sequence[AuditLine]) -> None:
        if not self.away:
            self.away = True
            raise SystemExit
        self.lines += [json.loads(line.written()) for line in lines]


def test_a_run_whose_function_died_before_its_line_has_one_when_it_comes_again():
    trail, model = DyingTrail(), fakes.FakeModel()
    runs = pipeline(fakes.parts(trail=trail, model=model))
    with pytest.raises(SystemExit):
        runs(fakes.run(channel="event", idempotency_key="/shop 1"))

    runs(fakes.run(channel="event", idempotency_key="/shop 1"))
    (line,) = trail.lines
    assert (line["decision"], line["replay_of"]) == ("replayed", fakes.RUN_ID)
    assert len(model.questions) == 1
