"""The rules that every run meets, one promise a test."""

from datetime import timedelta

import pytest

from functions.domain.agent import Agent, Tools
from functions.domain.errors import (
    AccessDenied,
    AgentFailed,
    AgentSwitchedOff,
    InvalidInput,
    InvalidModelReply,
    ModelUnavailable,
    OutOfTime,
    PayloadTooLarge,
    UnknownAgent,
)
from functions.domain.team import Caller
from functions.pipeline.run import pipeline
from tests import fakes

MARKER = "Zebra-4711"


def test_a_run_ends_in_an_outcome_with_its_cost_and_its_trace() -> None:
    outcome = pipeline(fakes.parts())(fakes.run())

    assert outcome.output == {"word": "hello"}
    assert outcome.version == "1.2.3"
    assert (outcome.model, outcome.answered_by) == (fakes.MODEL, "test-model")
    assert outcome.cost_micro_usd == 100 * 1 + 10 * 5
    assert outcome.trace_id == "a" * 32


def test_a_run_has_a_span_and_each_of_its_stages_one_inside_it() -> None:
    telemetry = fakes.FakeTelemetry()

    pipeline(fakes.parts(telemetry=telemetry))(fakes.run())

    assert telemetry.spans[0].attributes["parent"] is None, "it joins what asks for it"
    assert telemetry.spans[0].attributes["gatehouse.status"] == "succeeded"
    assert [span.attributes["name"] for span in telemetry.spans] == [
        "invoke_agent echo",
        *("audit", "residency", "access", "input", "idempotency", "charge", "personal_data"),
        *("agent", "masking", "cache", "budget", "fallback", "breaker"),
        f"chat {fakes.MODEL}",
    ]
    assert telemetry.counted == ["succeeded"]
    assert telemetry.traces == ["a" * 32]


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"echo:listen"})])
def test_a_caller_without_the_role_is_denied_and_no_model_is_asked(roles: frozenset[str]) -> None:
    model = fakes.FakeModel()
    caller = Caller(subject="eve", team="helpdesk", zone="eu", roles=roles)

    with pytest.raises(AccessDenied, match="echo:say"):
        pipeline(fakes.parts(model=model))(fakes.run(caller=caller))
    assert model.questions == []


def test_an_unknown_agent_is_not_found() -> None:
    with pytest.raises(UnknownAgent):
        pipeline(fakes.parts())(fakes.run(agent="nobody"))


def test_an_agent_that_has_no_model_in_this_zone_is_not_found() -> None:
    caller = Caller(subject="ada", team="helpdesk", zone="us", roles=frozenset({"echo:say"}))

    with pytest.raises(UnknownAgent):
        pipeline(fakes.parts(zone="us"))(fakes.run(caller=caller))


def test_an_agent_that_is_switched_off_says_whom_to_ask() -> None:
    with pytest.raises(AgentSwitchedOff, match=r"echo@example\.com"):
        pipeline(fakes.parts(agents=fakes.agents(enabled=False)))(fakes.run())


def test_an_input_that_does_not_fit_is_refused_by_pointer_and_burns_no_key() -> None:
    memory = fakes.FakeMemory()

    with pytest.raises(InvalidInput) as caught:
        pipeline(fakes.parts(memory=memory))(fakes.run(input={}, idempotency_key="k"))
    assert caught.value.violations == ({"pointer": "/input/word", "detail": "Field required"},)
    assert memory.outcomes == {}


def test_an_event_s_input_is_pointed_at_as_its_data() -> None:
    with pytest.raises(InvalidInput) as caught:
        pipeline(fakes.parts())(fakes.run(channel="event", input={"word": ""}))
    assert caught.value.violations[0]["pointer"] == "/data/word"


def test_a_field_that_only_the_sender_knows_is_not_quoted() -> None:
    with pytest.raises(InvalidInput) as caught:
        pipeline(fakes.parts())(fakes.run(input={"word": "x", MARKER: 1}))
    assert caught.value.violations[0]["pointer"] == "/input/*"
    assert MARKER not in caught.value.detail


def test_an_event_may_carry_fields_that_the_agent_does_not_know_yet() -> None:
    some = fakes.run(channel="event", input={"word": "hello", "added_later": 1})

    assert pipeline(fakes.parts())(some).output == {"word": "hello"}


def test_an_input_over_the_agent_s_limit_is_too_large() -> None:
    with pytest.raises(PayloadTooLarge, match="256 bytes"):
        pipeline(fakes.parts())(fakes.run(input={"word": "x" * 300}))


def test_the_same_key_runs_once_and_replays_what_was_recorded() -> None:
    model = fakes.FakeModel()
    runs = pipeline(fakes.parts(model=model))

    first = runs(fakes.run(idempotency_key="k"))
    again = runs(fakes.run(idempotency_key="k", id="run_2"))

    assert len(model.questions) == 1
    assert (first.replayed, again.replayed) == (False, True)
    assert again.model_dump_json() == first.model_dump_json()


def test_without_a_key_every_request_is_a_new_run() -> None:
    model = fakes.FakeModel()
    runs = pipeline(fakes.parts(model=model))

    runs(fakes.run())
    runs(fakes.run())

    assert len(model.questions) == 2


def test_a_reply_that_does_not_fit_is_sent_back_once_with_the_reason() -> None:
    model = fakes.FakeModel(replies=['{"word": ""}', '{"word": "mended"}'])

    outcome = pipeline(fakes.parts(model=model))(fakes.run())

    assert outcome.output == {"word": "mended"}
    repair = model.questions[1].repair
    assert repair is not None
    assert repair[0] == '{"word": ""}'
    assert "at least 1 character" in repair[1]
    assert outcome.usage.input_tokens == 200


@pytest.mark.parametrize("reply", ["no JSON", "{}", '{"word": 3}', '{"word": "x", "more": 1}'])
def test_a_reply_that_fits_neither_time_fails_the_run_and_is_charged(reply: str) -> None:
    books = fakes.FakeBooks()
    parts = fakes.parts(model=fakes.FakeModel(replies=[reply]), books=books)

    with pytest.raises(InvalidModelReply) as caught:
        pipeline(parts)(fakes.run())
    assert reply not in caught.value.detail
    assert books.lines == [(fakes.RUN_ID, "invalid-model-reply", 300)]


def test_a_reply_that_was_cut_off_is_never_half_an_answer() -> None:
    model = fakes.FakeModel(stop_reason="max_tokens")

    with pytest.raises(InvalidModelReply):
        pipeline(fakes.parts(model=model))(fakes.run())


def test_a_run_that_spent_nothing_leaves_no_line_in_the_ledger() -> None:
    books = fakes.FakeBooks()
    model = fakes.FakeModel(replies=[ModelUnavailable("down")])

    with pytest.raises(ModelUnavailable):
        pipeline(fakes.parts(books=books, model=model))(fakes.run())
    assert books.lines == []


def test_a_run_whose_time_is_over_asks_no_model() -> None:
    model = fakes.FakeModel()

    with pytest.raises(OutOfTime):
        pipeline(fakes.parts(model=model))(fakes.run(deadline=fakes.NOW - timedelta(seconds=1)))
    assert model.questions == []


def test_an_agent_that_breaks_is_told_by_its_kind_and_never_by_its_words() -> None:
    def broken(request: fakes.Word, tools: Tools) -> fakes.Word:
        raise KeyError(MARKER)

    telemetry = fakes.FakeTelemetry()
    found = fakes.agents(Agent.of(fakes.manifest(name="broken"), broken))
    runs = pipeline(fakes.parts(agents=found, telemetry=telemetry))

    with pytest.raises(AgentFailed) as caught:
        runs(fakes.run(agent="broken"))
    assert "KeyError" in caught.value.detail
    assert MARKER not in caught.value.detail
    assert telemetry.counted == ["agent-failed"]


def test_the_model_is_told_who_asks_and_in_which_shape_to_answer() -> None:
    model = fakes.FakeModel()

    pipeline(fakes.parts(model=model))(fakes.run(workflow="onboarding"))

    question = model.questions[0]
    assert question.tags == {
        "run": fakes.RUN_ID,
        "agent": "echo",
        "team": "helpdesk",
        "workflow": "onboarding",
        "zone": "eu",
        "business_unit": "Customer Care",
        "cost_centre": "CC-1",
    }
    assert question.schema_name == "Word"
    assert question.schema["additionalProperties"] is False
