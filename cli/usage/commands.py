"""The commands of ``gatehouse usage``."""

import sys
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import show as problems
from cli.calls import Answered
from cli.stage import Stage
from cli.usage import show
from cli.usage.ask import Office
from cli.usage.export import NotAnswered
from cli.usage.export import export as write_export
from functions.domain.focus import VERSION
from functions.domain.ledger import Period
from functions.domain.usage import dollars
from infra.stages import DEFAULT

app = typer.Typer(help="What was used and what it cost, by whatever you want to know.")
out = Console(highlight=False)


class Format(StrEnum):
    """How usage is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def month(text: str) -> Period:
    """A month such as ``2026-11``."""
    try:
        return Period.month(text)
    except ValueError:
        msg = f"{text!r} is no month; write it like 2026-11"
        raise typer.BadParameter(msg) from None


def day(text: str) -> date:
    """A day such as ``2026-11-01``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no day; write it like 2026-11-01"
        raise typer.BadParameter(msg) from None


Month = Annotated[
    Period | None, typer.Option(parser=month, metavar="YYYY-MM", help="A month, in UTC.")
]
First = Annotated[
    date | None, typer.Option("--from", parser=day, metavar="DAY", help="The first day.")
]
End = Annotated[
    date | None, typer.Option("--to", parser=day, metavar="DAY", help="The day after the last.")
]
Team = Annotated[str | None, typer.Option(help="Only this team's; all teams' unless it is named.")]
Url = Annotated[
    str | None,
    typer.Option(
        envvar="GATEHOUSE_BASE_URL", help="A gatehouse on AWS; without it, the local stack."
    ),
]
Token = Annotated[
    str | None, typer.Option(envvar="GATEHOUSE_TOKEN", help="A token that it accepts.")
]


@app.callback(invoke_without_command=True)
def usage(  # noqa: PLR0913  # each is an option of the command
    context: typer.Context,
    *,
    month: Month = None,
    first: First = None,
    end: End = None,
    group_by: Annotated[
        str, typer.Option(help="Such as workflow, or day,agent; see docs/chargeback.md.")
    ] = "workflow",
    team: Team = None,
    output: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    chart: Annotated[bool, typer.Option("--chart", help="Bars instead of numbers.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What was used and what it cost; this month's unless said otherwise."""
    if context.invoked_subcommand:
        return
    if chart and output is not Format.TABLE:
        msg = "a chart is for people; leave out --chart or --format"
        raise typer.BadParameter(msg)
    query = _query(_days(month, first, end), team) | {"group_by": group_by}
    office = Office.find(url, token)
    answered = office.table(query) if output is Format.CSV else office.report(query)
    _print(_good(answered), output, chart=chart)


@app.command()
def export(
    *,
    month: Annotated[Period, typer.Option(parser=month, metavar="YYYY-MM", help="Which month.")],
    to: Annotated[Path, typer.Option(help="A .csv file, or a .csv.gz one.")],
    team: Team = None,
    url: Url = None,
    token: Token = None,
    stage: Stage = DEFAULT,
) -> None:
    """Write a month in the columns of FOCUS, for FinOps tools."""
    if not to.parent.is_dir():
        msg = f"there is no folder {to.parent}"
        raise typer.BadParameter(msg)
    over = min(month.end, datetime.now(UTC).date() + timedelta(days=1))
    days = Period(month.first, max(over, month.first))
    try:
        rows, cost = write_export(Office.find(url, token), days, team, to, stage)
    except NotAnswered as refused:
        _good(refused.answered)
        raise
    out.print(f"{to}: {rows} rows of FOCUS {VERSION}, ${dollars(cost)}")


def _days(month: Period | None, first: date | None, end: date | None) -> Period | None:
    if month and (first or end):
        msg = "say --month, or --from and --to"
        raise typer.BadParameter(msg)
    if month is None and (first or end):
        begin = first or (end or date.max).replace(day=1)
        return Period(begin, end or datetime.now(UTC).date() + timedelta(days=1))
    return month


def _query(days: Period | None, team: str | None) -> dict[str, str]:
    query = {"from": str(days.first), "to": str(days.end)} if days else {}
    return query | ({"team": team} if team else {})


def _good(answered: Answered) -> Answered:
    """The answer, unless it is a problem: then that is printed, and all ends."""
    if not answered.ok:
        out.print(problems.problem(answered))
        raise typer.Exit(1)
    return answered


def _print(answered: Answered, output: Format, *, chart: bool) -> None:
    if output is Format.CSV:
        # As it came: its line ends are part of CSV.
        sys.stdout.buffer.write(answered.body["text"].encode())
    elif output is Format.JSON:
        out.print_json(data=answered.body)
    else:
        out.print((show.chart if chart else show.table)(answered.body))
