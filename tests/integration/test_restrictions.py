"""Marks on the month's budgets: what they refuse, whom, and for how long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.adapters.books import DynamoBooks
from functions.adapters.restrictions import DynamoRestrictions
from functions.adapters.sweep import DynamoSweep
from functions.domain.budget import Budget
from functions.domain.budget_items import LIFTED, SUSPENDED
from functions.domain.errors import BudgetExhausted
from functions.domain.names import MicroUsd, RunId
from functions.domain.restriction import Downgraded, Restriction
from functions.domain.run import Run
from tests import fakes
from tests.integration.test_books import make_books

MONEY = MicroUsd(10)


@pytest.fixture
def books(aws: None) -> DynamoBooks:
    return make_books()


def run(number: int = 1, **changes: Any) -> Run:
    budget = {"monthly_usd": "0.001"} | changes.pop("budget", {})
    team = fakes.TEAM.model_copy(update={"budget": Budget.model_validate(budget)})
    at = changes.pop("at", fakes.NOW)
    some = replace(fakes.run(team=team), id=RunId(f"run_{number}"), **changes)
    return replace(some, received_at=at, deadline=at + timedelta(seconds=29))


def thrifty(number: int = 1) -> Run:
    some = run(number)
    some.meter.downgraded = True
    return some


def place(action: Any = "suspend", percent: int = 80, *, shards: int = 1, **changes: Any) -> bool:
    table = changes.pop("table", "budgets")
    fields = {"team": "helpdesk", "period": "2026-11", "scope": "team", "teller": "ledger"}
    wanted = Restriction(action=action, percent=percent, **fields | changes)
    return DynamoRestrictions(table, boto3.client("dynamodb")).place(wanted, shards)


def test_a_suspended_team_is_told_so_and_until_when(books: DynamoBooks):
    assert place()
    with pytest.raises(BudgetExhausted, match="suspended for 2026-11") as caught:
        books.reserve(run(), MONEY)
    assert caught.value.retry_after_seconds == 28 * 86_400 + 14 * 3600 + 30 * 60 + 1


def test_a_suspension_ends_with_its_month(books: DynamoBooks):
    place()
    december = run(at=fakes.NOW + timedelta(days=31))
    assert books.reserve(december, MONEY).period == "2026-12"


def test_a_downgraded_team_gets_money_for_cheap_models_only(books: DynamoBooks):
    books.reserve(run(), MONEY)
    assert place("downgrade")
    with pytest.raises(Downgraded):
        books.reserve(run(), MONEY)
    assert books.reserve(thrifty(), MONEY).micro_usd == MONEY


def test_a_suspension_stops_cheap_models_too(books: DynamoBooks):
    place("downgrade")
    place("suspend", 100)
    with pytest.raises(BudgetExhausted, match="suspended"):
        books.reserve(thrifty(), MONEY)


def test_a_run_whose_costs_were_promised_before_is_settled(books: DynamoBooks):
    some = run()
    some.meter.reservations.append(books.reserve(some, MONEY))
    place()
    books.settle(some, "succeeded", None)
    (balance,) = DynamoSweep("budgets", boto3.client("dynamodb")).balances()
    assert (balance.promised, balance.suspended) == (0, True)


def test_no_shard_is_left_out(books: DynamoBooks):
    assert place(shards=4)
    for number in range(20):
        with pytest.raises(BudgetExhausted, match="suspended"):
            books.reserve(run(number, budget={"shards": 4}), MicroUsd(1))


def test_a_suspended_limit_of_an_agent_stops_that_agent_only(books: DynamoBooks):
    place(scope="agent/echo")
    limited = {"agents": {"echo": "0.0005"}}
    with pytest.raises(BudgetExhausted, match="suspended"):
        books.reserve(run(budget=limited), MONEY)
    books.reserve(run(budget=limited, agent="other"), MONEY)


def test_placing_twice_is_placing_once_and_what_stands_is_left_as_it_is(books: DynamoBooks):
    assert [place(percent=80), place(percent=80), place(percent=100)] == [True, True, False]
    (item,) = boto3.client("dynamodb").scan(TableName="budgets")["Items"]
    assert item[SUSPENDED] == {"N": "80"}


def test_what_was_lifted_stays_so_until_more_is_gone(books: DynamoBooks):
    books.reserve(run(), MONEY)
    boto3.client("dynamodb").update_item(
        TableName="budgets",
        Key={"pk": {"S": "helpdesk#2026-11"}, "sk": {"S": "team#0"}},
        UpdateExpression="SET #lifted = :percent",
        ExpressionAttributeNames={"#lifted": LIFTED},
        ExpressionAttributeValues={":percent": {"N": "80"}},
    )
    assert [place(percent=80), place(percent=100)] == [False, True]


def test_a_raised_limit_forgets_that_a_run_was_refused_under_the_old_one(books: DynamoBooks):
    sweep = DynamoSweep("budgets", boto3.client("dynamodb"))
    books.reserve(run(1), MicroUsd(1000))
    with pytest.raises(BudgetExhausted):
        books.reserve(run(2), MONEY)
    assert [balance.refused for balance in sweep.balances()] == [True]
    books.reserve(run(3, budget={"monthly_usd": "0.002"}), MONEY)
    assert [balance.refused for balance in sweep.balances()] == [False]
