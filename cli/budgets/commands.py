"""The commands of ``gatehouse budgets``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from cli.budgets.books import Books
from cli.calls import CannotCall
from cli.estate import Estate
from functions import config
from functions.domain.budget import MICRO, Balance, period
from local.state import running

app = typer.Typer(no_args_is_help=True, help="Budgets of this month: look, and lift restrictions.")
out = Console(highlight=False)

Region = Annotated[
    list[str] | None,
    typer.Option(help="On AWS, with your credentials; repeat it. Without it: the local stack."),
]
Profile = Annotated[str | None, typer.Option(help="Of your AWS configuration.")]


@app.command("list")
def list_budgets(
    *,
    region: Region = None,
    profile: Profile = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """What each limit is, what is spent and promised of it, and where it is heading."""
    now = datetime.now(UTC)
    for estate in _estates(region, profile):
        found = Books(estate).balances(period(now))
        if as_json:
            told = {"region": estate.region, "budgets": [_fields(b, now) for b in found]}
            out.print_json(data=told)
        else:
            out.print(_table(estate.place, found, now))


@app.command("lift")
def lift(
    team: Annotated[str, typer.Argument(help="Its name; see 'gatehouse budgets list'.")],
    *,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Let a team's runs go on as before, until its next threshold is reached."""
    known = config.teams().teams
    if team not in known:
        msg = f"there is no team {team!r}; they are: {', '.join(sorted(known))}"
        raise CannotCall(msg)
    month = period(datetime.now(UTC))
    for estate in _estates(region, profile):
        scopes = Books(estate).lift(team, month)
        if scopes:
            out.print(f"{estate.place}: {team} goes on as before ({', '.join(scopes)}, {month})")
        else:
            out.print(f"{estate.place}: nothing restricts {team} in {month}")


def _estates(regions: list[str] | None, profile: str | None) -> list[Estate]:
    if regions:
        return [Estate.aws(region, profile) for region in dict.fromkeys(regions)]
    return [Estate.local(running())]


def _table(place: str, found: Sequence[Balance], now: datetime) -> Table:
    money = ("limit", "spent", "promised", "forecast")
    table = Table(
        "team",
        "scope",
        *money,
        "used",
        Column("state", no_wrap=True),
        title=f"{place}, {period(now)}, USD",
    )
    for balance in found:
        forecast = balance.forecast(now)
        used = balance.used_percent
        table.add_row(
            balance.team,
            balance.scope,
            _usd(balance.limit),
            _usd(balance.spent),
            _usd(balance.promised),
            "" if forecast is None else _usd(forecast),
            "" if used is None else f"{used:.1f} %",
            _state(balance),
        )
    return table


def _fields(balance: Balance, now: datetime) -> dict[str, Any]:
    return {
        "team": balance.team,
        "period": balance.period,
        "scope": balance.scope,
        "limit_micro_usd": balance.limit,
        "spent_micro_usd": balance.spent,
        "promised_micro_usd": balance.promised,
        "forecast_micro_usd": balance.forecast(now),
        "used_percent": balance.used_percent,
        "state": _state(balance),
    }


def _usd(micro_usd: int) -> str:
    return f"{Decimal(micro_usd) / MICRO:,.2f}"


def _state(balance: Balance) -> str:
    if balance.suspended:
        return "suspended"
    if balance.downgraded:
        return "downgraded"
    return "exhausted" if balance.refused else "open"
