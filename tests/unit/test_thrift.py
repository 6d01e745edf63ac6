"""A team whose budget runs low goes on with its agents' cheap models."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from functions.domain.budget import Balance
from functions.domain.errors import ModelUnavailable, ReducedCapacity
from functions.domain.names import MicroUsd
from functions.domain.restriction import Downgraded
from functions.domain.run import Outcome, Run
from functions.pipeline.run import pipeline
from tests import fakes
from tests.unit.test_governance import Estate

DEAR, CHEAP = fakes.MODEL, fakes.SECOND
AGENT: dict[str, Any] = {"models": {"eu": [DEAR, CHEAP]}, "cheap": {"eu": CHEAP}}


@dataclass
class Downgrading(fakes.FakeBooks):
    """Books that take cheap models only, for as long as they are told to."""

    downgraded: bool = True
    asked: list[bool] = field(default_factory=list)

    def reserve(self, run: Run, amount: MicroUsd) -> Any:
        self.asked.append(run.meter.downgraded)
        if self.downgraded and not run.meter.downgraded:
            raise Downgraded
        return super().reserve(run, amount)


def estate(*replies: str | Exception, **manifest: Any) -> tuple[Estate, Downgrading]:
    books = Downgrading()
    return Estate(*replies, books=books, manifest=AGENT | manifest), books


def models(some: Estate) -> list[str]:
    return [question.model for question in some.model.questions]


def test_a_downgraded_run_asks_the_cheap_model_and_says_so():
    some, books = estate()
    outcome = some.run()
    assert (outcome.model, models(some)) == (CHEAP, [CHEAP])
    assert books.asked == [False, True]


def test_a_downgrade_is_known_for_half_a_minute_and_then_asked_for_again():
    some, books = estate(*['{"word": "hello"}'] * 4)
    runs = pipeline(some.parts)

    def run_after(seconds: int) -> Outcome:
        some.now += timedelta(seconds=seconds)
        later = some.now + timedelta(seconds=29)
        return runs(fakes.run(received_at=some.now, deadline=later))

    for seconds in (0, 29, 1):
        run_after(seconds)
    assert books.asked == [False, True, True, False, True]

    books.downgraded = False
    assert run_after(30).model == DEAR


def test_a_downgrade_of_one_team_is_not_another_s():
    some, books = estate(*['{"word": "hello"}'] * 2)
    runs = pipeline(some.parts)
    runs(fakes.run())
    books.asked.clear()
    runs(fakes.run(team=fakes.TEAM.model_copy(update={"name": "retail"})))
    assert books.asked == [False, True]


def test_a_cheap_model_that_is_down_has_no_dear_one_behind_it():
    some, _ = estate(*[ModelUnavailable("down")] * 4)
    with pytest.raises(ReducedCapacity):
        some.run()
    assert set(models(some)) == {CHEAP}


def test_what_the_cheap_model_said_is_not_used_again_as_the_dear_one_s():
    some, books = estate('{"word": "cheap"}', '{"word": "dear"}', cache={"ttl_seconds": 600})
    assert some.run().output == {"word": "cheap"}
    again = some.run()
    assert (again.cache, again.output) == ("hit", {"word": "cheap"})

    books.downgraded = False
    some.now += timedelta(seconds=31)
    assert some.run().output == {"word": "dear"}


def test_a_repaired_answer_comes_from_the_cheap_model_too():
    some, _ = estate("no JSON", '{"word": "hello"}')
    some.run()
    assert models(some) == [CHEAP, CHEAP]


def test_an_agent_s_cheap_model_is_one_of_its_own():
    with pytest.raises(ValidationError, match=r"cheap\.eu"):
        fakes.agents(models={"eu": [DEAR]}, cheap={"eu": CHEAP})


def balance(spent: int, **changes: Any) -> Balance:
    fields: dict[str, Any] = {
        "team": "helpdesk",
        "period": "2026-11",
        "scope": "team",
        "limit": MicroUsd(1000),
        "spent": MicroUsd(spent),
        "promised": MicroUsd(0),
        "refused": False,
    }
    return Balance(**fields | changes)


def test_a_forecast_is_a_straight_line_from_the_second_day_on():
    tenth = fakes.NOW.replace(day=11, hour=0, minute=0)
    assert balance(100).forecast(tenth) == 300
    assert balance(100).forecast(tenth.replace(day=1, hour=23)) is None
    assert balance(100, period="2026-10").forecast(tenth) is None


def test_a_budget_under_which_a_run_was_refused_is_used_up():
    assert balance(500).used_percent == Decimal(50)
    assert balance(990, refused=True).used_percent == Decimal(100)
    assert balance(0, limit=MicroUsd(0)).used_percent is None
