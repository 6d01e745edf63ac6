"""``gatehouse metrics``: agents, teams and models at a glance, here or in a region."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from cli import aws
from cli.calls import CannotCall
from cli.dlq_options import duration
from cli.log_lines.sources import NoLogs
from cli.logs import Profile, Region
from cli.readings.cloudwatch import CloudWatch
from cli.readings.local_lines import LocalLines
from cli.readings.report import Report
from cli.readings.series import Source
from cli.readings.show import shown
from local.state import FOLDER

LONGEST = timedelta(days=15)
"""CloudWatch keeps single minutes for so long."""
MINUTE = timedelta(minutes=1)

out = Console(highlight=False)


def span(text: str) -> timedelta:
    """How far back metrics are looked at."""
    found = duration(text)
    if not MINUTE <= found <= LONGEST:
        msg = f"{text!r} is not between 1m and {LONGEST.days}d, for which there are single minutes"
        raise typer.BadParameter(msg)
    return found


def metrics(
    *,
    agent: Annotated[str | None, typer.Option(help="Only this agent.")] = None,
    since: Annotated[
        timedelta, typer.Option(parser=span, metavar="SPAN", help="Of the last 15m, 12h or 7d.")
    ] = "1h",  # type: ignore[assignment]  # Typer parses a default as it parses what is typed
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """What was measured lately: runs, latency, tokens, cost, cache, lag, dead letters."""
    # CloudWatch's shortest period is a minute, and the present one belongs to it.
    until = datetime.now(UTC).replace(second=0, microsecond=0) + MINUTE
    begin = until - since
    report = Report.of(_source(region, profile, begin, until), begin, until)
    if agent:
        report = only(report, agent)
    if as_json:
        out.print_json(data=report.as_data())
    elif report.is_empty:
        out.print(f"nothing was measured in {report.place} since {begin:%Y-%m-%d %H:%M} UTC")
    else:
        out.print(shown(report))


def only(report: Report, agent: str) -> Report:
    """The report of one agent.

    Raises:
        CannotCall: nothing was measured of it; the message lists of whom something was.
    """
    if agent not in report.agents:
        there = ", ".join(report.agents) or "none"
        msg = (
            f"nothing was measured of the agent {agent!r} in {report.place} since "
            f"{report.since:%Y-%m-%d %H:%M} UTC; there is something of: {there}"
        )
        raise CannotCall(msg)
    return replace(report, agents={agent: report.agents[agent]}, teams={}, models={})


def _source(region: str | None, profile: str | None, since: datetime, until: datetime) -> Source:
    if region:
        return CloudWatch(aws.client("cloudwatch", region, profile), region, since, until)
    if profile:
        msg = "--profile needs --region: the local stack has no AWS account"
        raise typer.BadParameter(msg)
    try:
        return LocalLines(FOLDER / "logs", since)
    except NoLogs:
        msg = (
            "no local stack has run here; start one with 'make run' in another terminal, or name "
            "the region of your AWS account, such as --region eu-central-1"
        )
        raise CannotCall(msg) from None
