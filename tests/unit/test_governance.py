"""Residency, kill switches, budget, cache, breaker and fallback: one promise a test."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.domain import budget
from functions.domain.errors import (
    BudgetExhausted,
    ModelRefused,
    ModelUnavailable,
    OutOfTime,
    ReducedCapacity,
    StoreUnavailable,
    TeamSwitchedOff,
    UnknownAgent,
    WrongZone,
)
from functions.domain.names import JsonObject
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.pipeline.run import pipeline
from tests import fakes

CACHING: dict[str, Any] = {"cache": {"ttl_seconds": 60}}
DOWN = ModelUnavailable("down")


class Estate:
    """One set of books and one model, met by several runs."""

    def __init__(self, *replies: str | Exception, **changes: Any) -> None:
        self.model = fakes.FakeModel(list(replies) or ['{"word": "hello"}'])
        self.books = changes.pop("books", fakes.FakeBooks())
        self.cache = fakes.FakeCache(self.books)
        self.breaker = fakes.FakeBreaker()
        self.telemetry = fakes.FakeTelemetry()
        self.now = fakes.NOW
        self.pauses: list[float] = []
        manifest = changes.pop("manifest", {})
        self.parts = fakes.parts(
            model=self.model,
            books=self.books,
            cache=self.cache,
            breaker=self.breaker,
            telemetry=self.telemetry,
            now=lambda: self.now,
            pause=self.pauses.append,
            agents=fakes.agents(**manifest),
            **changes,
        )

    def run(self, some: Run | None = None, **changes: Any) -> Any:
        deadline = self.now + timedelta(seconds=29)
        at = {"received_at": self.now, "deadline": deadline}
        return pipeline(self.parts)(some or fakes.run(**at | changes))


def test_a_caller_of_another_zone_is_sent_home_before_the_body_is_read() -> None:
    def read() -> JsonObject:
        raise AssertionError("the body was read")

    caller = Caller(subject="ada", team="helpdesk", zone="us", roles=frozenset({"echo:say"}))

    with pytest.raises(WrongZone, match=r"https://us\.example\.com"):
        Estate().run(replace(fakes.run(caller=caller), read=read))


def test_a_team_that_is_switched_off_runs_nothing() -> None:
    team = fakes.TEAM.model_copy(update={"enabled": False})
    estate = Estate()

    with pytest.raises(TeamSwitchedOff):
        estate.run(team=team)
    assert estate.model.questions == []


def test_a_model_that_the_zone_does_not_allow_is_refused_at_run_time_too() -> None:
    estate = Estate(allowed=frozenset({"eu.other"}))

    with pytest.raises(ModelRefused, match=fakes.MODEL):
        estate.run()
    assert estate.model.questions == []
    assert estate.books.available == 10_000_000


def test_without_money_no_model_is_asked() -> None:
    estate = Estate(books=fakes.FakeBooks(available=10))

    with pytest.raises(BudgetExhausted):
        estate.run()
    assert estate.model.questions == []


def test_what_is_promised_is_more_than_any_tokenizer_could_cost() -> None:
    promised: list[int] = []

    class Watching(fakes.FakeBooks):
        def reserve(self, run: Run, amount: Any) -> Any:
            promised.append(amount)
            return super().reserve(run, amount)

    Estate(books=Watching(), manifest={"max_output_tokens": 100}).run()

    told = len("Say it again.") + len("hello")
    assert promised[0] > told + 100 * 5


def test_the_promise_covers_the_dearest_model_of_the_agent() -> None:
    cheap, dear = fakes.FakeBooks(), fakes.FakeBooks()
    for books, price in ((cheap, 1_000_000), (dear, 9_000_000)):
        Estate(DOWN, '{"word": "x"}', books=books, prices=fakes.prices(output=price)).run()
    assert dear.available < cheap.available


def test_a_failed_run_gives_its_promise_back() -> None:
    estate = Estate(DOWN)

    with pytest.raises(ReducedCapacity):
        estate.run()
    assert estate.books.available == 10_000_000


def test_a_fresh_answer_is_used_again_costs_nothing_and_says_its_age() -> None:
    estate = Estate(manifest=CACHING)
    first = estate.run()
    estate.now += timedelta(seconds=59)
    again = estate.run()

    assert (first.cache, again.cache) == ("miss", "hit")
    assert (again.age_seconds, again.cost_micro_usd) == (59, 0)
    assert again.output == first.output
    assert again.model == fakes.MODEL
    assert len(estate.model.questions) == 1
    assert estate.cache.reads == 2


def test_an_answer_past_its_time_is_asked_anew() -> None:
    estate = Estate(manifest=CACHING)
    estate.run()
    estate.now += timedelta(seconds=60)

    assert estate.run().cache == "miss"
    assert len(estate.model.questions) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"team": fakes.TEAM.model_copy(update={"name": "retail"})},
        {"input": {"word": "other"}},
    ],
)
def test_another_team_or_another_input_never_meets_the_answer(other: dict[str, Any]) -> None:
    estate = Estate(manifest=CACHING)
    estate.run()

    assert estate.run(**other).cache == "miss"


@pytest.mark.parametrize(
    "changed", [{"version": "1.2.4"}, {"temperature": 0.5}, {"max_output_tokens": 99}]
)
def test_a_changed_agent_never_meets_its_old_answers(changed: dict[str, Any]) -> None:
    estate = Estate(manifest=CACHING)
    estate.run()
    later = Estate(manifest=CACHING | changed, books=estate.books)

    assert later.run().cache == "miss"


def test_an_agent_without_a_cache_never_reads_one() -> None:
    estate = Estate()

    assert estate.run().cache == "off"
    assert estate.cache.reads == 0


def test_a_caller_may_go_around_the_cache_and_keep_out_of_it() -> None:
    estate = Estate(manifest=CACHING)
    estate.run()

    assert estate.run(cache_read=False).cache == "bypass"
    assert estate.run().cache == "hit"

    secret = {"word": "secret"}
    estate.run(cache_read=False, cache_write=False, input=secret)
    assert estate.run(input=secret).cache == "miss"


def test_an_answer_that_did_not_fit_is_never_kept() -> None:
    estate = Estate("nonsense", '{"word": "mended"}', "nonsense", manifest=CACHING)
    estate.run()

    assert all("nonsense" not in kept.text for kept in estate.books.cached.values())


def test_the_next_model_answers_when_the_first_is_down() -> None:
    estate = Estate(DOWN, DOWN, '{"word": "second"}')

    outcome = estate.run()

    assert outcome.model == fakes.SECOND
    asked = [question.model for question in estate.model.questions]
    assert asked == [fakes.MODEL, fakes.MODEL, fakes.SECOND]
    assert estate.pauses == [0.5 * 0.2]


def test_what_the_second_model_answered_is_not_kept_as_the_first_one_s() -> None:
    estate = Estate(DOWN, DOWN, '{"word": "second"}', '{"word": "first"}', manifest=CACHING)

    assert estate.run().model == fakes.SECOND
    assert estate.books.cached == {}
    assert estate.run().model == fakes.MODEL


def test_an_open_circuit_is_passed_by() -> None:
    estate = Estate()
    estate.breaker.open.add(fakes.MODEL)

    assert estate.run().model == fakes.SECOND
    assert [question.model for question in estate.model.questions] == [fakes.SECOND]


def test_what_the_caller_did_wrong_is_not_tried_on_the_next_model() -> None:
    estate = Estate(ModelRefused("no"))

    with pytest.raises(ModelRefused):
        estate.run()
    assert len(estate.model.questions) == 1


def test_when_every_model_failed_the_caller_hears_when_to_come_again() -> None:
    with pytest.raises(ReducedCapacity) as caught:
        Estate(DOWN).run()
    assert caught.value.retry_after_seconds


def test_a_stale_answer_stands_in_only_if_the_agent_allows_it_and_every_model_failed() -> None:
    stale = {"cache": {"ttl_seconds": 60, "stale_seconds": 600}}
    estate = Estate('{"word": "old"}', DOWN, manifest=stale)
    estate.run()
    estate.now += timedelta(seconds=120)

    outcome = estate.run()
    assert (outcome.cache, outcome.age_seconds) == ("stale", 120)
    assert outcome.output == {"word": "old"}

    estate.now += timedelta(seconds=600)
    with pytest.raises(ReducedCapacity):
        estate.run()

    strict = Estate('{"word": "old"}', DOWN, manifest=CACHING)
    strict.run()
    strict.now += timedelta(seconds=61)
    with pytest.raises(ReducedCapacity):
        strict.run()


def test_no_model_is_tried_when_the_time_left_is_needed_to_settle() -> None:
    estate = Estate(DOWN)
    some = fakes.run(deadline=fakes.NOW + timedelta(seconds=1))

    with pytest.raises(OutOfTime):
        estate.run(some)
    assert estate.model.questions == []
    assert estate.books.available == 10_000_000


class Down(fakes.FakeBooks):
    """Books that cannot be reached, from the start or when it comes to settling."""

    def __init__(self, when: str) -> None:
        super().__init__()
        self.when = when

    def reserve(self, run: Run, amount: Any) -> Any:
        if self.when == "reserve":
            raise StoreUnavailable("down")
        return super().reserve(run, amount)

    def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
        if self.when == "settle":
            raise StoreUnavailable("down")
        super().settle(run, status, outcome)


def test_without_its_books_the_gatehouse_spends_nothing() -> None:
    estate = Estate(books=Down("reserve"))

    with pytest.raises(StoreUnavailable):
        estate.run()
    assert estate.model.questions == []


def test_an_outcome_that_could_not_be_written_down_is_not_given_out() -> None:
    estate = Estate(books=Down("settle"))

    with pytest.raises(StoreUnavailable) as caught:
        estate.run(idempotency_key="k")
    assert caught.value.retryable
    assert estate.books.lines == []
    assert estate.telemetry.unsettled == [150], "told to whoever keeps the books"


def test_a_name_that_no_agent_has_is_in_no_metric_and_no_log() -> None:
    estate = Estate()
    with pytest.raises(UnknownAgent):
        estate.run(agent="ada@example.com")
    assert estate.telemetry.agents == ["(unknown)"]
    assert "ada" not in str(estate.telemetry.spans)


def test_a_run_at_the_turn_of_the_month_is_settled_in_the_month_it_began() -> None:
    last_second = fakes.NOW.replace(month=11, day=30, hour=23, minute=59, second=59)
    some = fakes.run(received_at=last_second, deadline=last_second + timedelta(seconds=29))

    assert budget.period(some.received_at) == "2026-11"
    assert budget.closing_minute(some.deadline) == "202612010002"
    assert budget.seconds_to_next_period(some.received_at) == 2
