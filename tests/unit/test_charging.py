"""Whatever the provider counted is charged, however the call ended; and nothing else is."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.adapters.ledger import read_line
from functions.adapters.lines import Tables, ledger_put
from functions.domain.errors import (
    GatehouseError,
    InvalidModelReply,
    ModelRefused,
    ModelUnavailable,
    ReducedCapacity,
)
from functions.domain.ledger import LedgerLine
from functions.domain.pricing import PriceList, Usage
from functions.domain.run import Run
from functions.pipeline.run import pipeline
from tests import fakes

TABLES = Tables(budgets="b", ledger="l", cache="c", zone="eu", region="eu-central-1")
ONE_CALL = fakes.prices().of(fakes.MODEL, fakes.NOW).cost(Usage(input_tokens=100, output_tokens=10))


@dataclass
class Recorded(fakes.FakeBooks):
    """Books that keep the ledger's lines as they would be written, and read again."""

    written: list[LedgerLine] = field(default_factory=list)

    def settle(self, run: Run, status: str, outcome: Any) -> None:
        super().settle(run, status, outcome)
        if run.meter.calls:
            self.written.append(read_line(ledger_put(run, status, TABLES)["Put"]["Item"]))


def lines(run: Run | None = None, **parts: Any) -> list[LedgerLine]:
    """The lines of a run, whether or not it succeeds."""
    books = Recorded()
    try:
        pipeline(fakes.parts(books=books, **parts))(run or fakes.run())
    except GatehouseError:
        assert books.available + sum(line.cost_micro_usd for line in books.written) == 10_000_000
    return books.written


def test_a_line_says_who_pays_for_what() -> None:
    (line,) = lines(fakes.run(workflow="onboarding"))
    (call,) = line.calls

    assert (line.team, line.business_unit, line.cost_centre) == (
        "helpdesk",
        "Customer Care",
        "CC-1",
    )
    assert (line.workflow, line.agent, line.channel) == ("onboarding", "echo", "http")
    assert (line.status, line.cache, line.event) == ("succeeded", "off", None)
    assert (line.zone, line.region) == ("eu", "eu-central-1")
    assert (line.time, line.run) == (fakes.NOW, fakes.RUN_ID)
    assert (call.model, call.answered_by) == (fakes.MODEL, "test-model")
    assert call.usage == line.usage == Usage(input_tokens=100, output_tokens=10)
    assert call.cost_micro_usd == line.cost_micro_usd == ONE_CALL
    assert call.price_since == "2026-11-02T00:00:00Z"


def test_a_line_of_an_event_names_it() -> None:
    (line,) = lines(fakes.run(channel="event", idempotency_key="/shop review-7"))
    assert (line.channel, line.event) == ("event", "/shop review-7")


def test_a_caller_s_own_key_is_not_an_event() -> None:
    (line,) = lines(fakes.run(idempotency_key="mine"))
    assert line.event is None


@pytest.mark.parametrize("reason", ["guardrail_intervened", "content_filtered"])
def test_a_model_that_would_not_answer_is_charged_and_not_asked_again(reason: str) -> None:
    model = fakes.FakeModel(stop_reason=reason)
    (line,) = lines(model=model)

    assert (line.status, line.cost_micro_usd) == ("model-refused", ONE_CALL)
    assert len(model.questions) == 1


def test_what_a_model_would_not_answer_is_not_told_to_be_retried() -> None:
    with pytest.raises(ModelRefused, match="would not answer") as caught:
        pipeline(fakes.parts(model=fakes.FakeModel(stop_reason="content_filtered")))(fakes.run())
    assert not caught.value.retryable


def test_a_repair_is_a_second_call_of_one_line() -> None:
    (line,) = lines(model=fakes.FakeModel(replies=["{}", '{"word": "mended"}']))
    assert (len(line.calls), line.cost_micro_usd) == (2, 2 * ONE_CALL)


def test_a_reply_that_fits_neither_time_is_charged_twice() -> None:
    (line,) = lines(model=fakes.FakeModel(replies=["{}"]))
    assert (line.status, line.cost_micro_usd) == (InvalidModelReply.slug, 2 * ONE_CALL)


def test_a_retry_is_charged_once_if_the_first_try_had_no_answer() -> None:
    replies: list[str | Exception] = [ModelUnavailable("busy"), '{"word": "hello"}']
    (line,) = lines(model=fakes.FakeModel(replies=replies))
    assert (line.status, line.cost_micro_usd) == ("succeeded", ONE_CALL)


def test_a_fallback_is_charged_to_the_model_that_answered() -> None:
    down = [ModelUnavailable("down")] * 2
    (line,) = lines(model=fakes.FakeModel(replies=[*down, '{"word": "hello"}']))
    assert [call.model for call in line.calls] == [fakes.SECOND]


def test_a_run_that_no_model_answered_costs_nothing() -> None:
    with pytest.raises(ReducedCapacity):
        pipeline(fakes.parts(model=fakes.FakeModel(replies=[ModelUnavailable("down")])))(
            fakes.run()
        )
    assert lines(model=fakes.FakeModel(replies=[ModelUnavailable("down")])) == []


@pytest.mark.parametrize("agent", [{"cache": {"ttl_seconds": 60}}])
def test_an_answer_that_is_used_again_costs_nothing_and_has_no_line(agent: Any) -> None:
    books = Recorded()
    runs = pipeline(
        fakes.parts(books=books, cache=fakes.FakeCache(books), agents=fakes.agents(**agent))
    )
    runs(fakes.run())
    again = runs(fakes.run(id="run_2"))

    assert (again.cache, again.cost_micro_usd) == ("hit", 0)
    assert [line.cache for line in books.written] == ["miss"]


def test_a_model_without_a_price_is_refused_before_it_is_asked() -> None:
    model, books = fakes.FakeModel(), Recorded()
    with pytest.raises(ModelRefused, match="no price"):
        pipeline(fakes.parts(model=model, books=books, prices=PriceList(())))(fakes.run())
    assert (model.questions, books.written, books.available) == ([], [], 10_000_000)


def test_a_model_whose_first_price_is_of_tomorrow_is_refused_today() -> None:
    model = fakes.FakeModel()
    late = fakes.prices(since=fakes.NOW.replace(day=3))
    with pytest.raises(ModelRefused, match="no price"):
        pipeline(fakes.parts(model=model, prices=late))(fakes.run())
    assert model.questions == []
