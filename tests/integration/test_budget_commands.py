"""``gatehouse budgets`` on a table of DynamoDB: what it shows, and what lifting does."""

import json
from functools import partial
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli.budgets import books as kept
from cli.budgets import commands
from cli.budgets.books import Books
from cli.calls import CannotCall
from cli.estate import Estate
from functions.adapters.books import DynamoBooks
from functions.adapters.lines import Tables
from functions.domain.budget import period
from functions.domain.names import MicroUsd
from tests import fakes
from tests.integration.conftest import make_table
from tests.integration.test_restrictions import place, run

NAME = "gatehouse-eu-central-1-state-Budgets0A1B2C3D-XYZ"
NOVEMBER = period(fakes.NOW)


@pytest.fixture
def estate(aws: None, monkeypatch: pytest.MonkeyPatch) -> Estate:
    make_table(NAME, "pk", "sk")
    tables = Tables(budgets=NAME, ledger="-", cache="-", zone="eu", region="eu-central-1")
    books = DynamoBooks(tables, boto3.client("dynamodb"), pause=lambda seconds: None)
    books.reserve(run(), MicroUsd(400))
    place("suspend", 80, table=NAME)
    place("downgrade", 50, scope="agent/echo", table=NAME)
    found = Estate(partial(boto3.client, region_name="eu-central-1"), "eu-central-1", "here")
    monkeypatch.setattr(commands, "_estates", lambda region, profile: [found])
    monkeypatch.setattr(commands, "period", lambda now: NOVEMBER)
    return found


def told(*asked: str) -> Any:
    return CliRunner().invoke(commands.app, [*asked])


def test_every_limit_is_shown_with_its_state(estate: Estate):
    (region,) = [json.loads(told("list", "--json").stdout)]
    by_scope = {each["scope"]: each for each in region["budgets"]}
    assert {scope: each["state"] for scope, each in by_scope.items()} == {
        "team": "suspended",
        "agent/echo": "downgraded",
    }
    assert by_scope["team"]["promised_micro_usd"] == 400
    assert by_scope["team"]["limit_micro_usd"] == 1000
    table = told("list").stdout
    assert "suspended" in table
    assert "downgraded" in table


def test_lifting_lets_a_team_go_on_until_more_is_gone(estate: Estate):
    assert "agent/echo, team" in told("lift", "helpdesk").stdout
    assert [(b.suspended, b.downgraded) for b in Books(estate).balances(NOVEMBER)] == [
        (False, False),
        (False, False),
    ]
    assert not place("suspend", 80, table=NAME)
    assert place("suspend", 100, table=NAME)


def test_lifting_what_nothing_restricts_says_so(estate: Estate):
    assert "nothing restricts retail" in told("lift", "retail").stdout
    assert kept.Books(estate).lift("retail", NOVEMBER) == ()


def test_lifting_an_unknown_team_names_those_that_there_are(estate: Estate):
    with pytest.raises(CannotCall, match="helpdesk"):
        CliRunner().invoke(commands.app, ["lift", "nobody"], catch_exceptions=False)
