"""The commands of ``gatehouse audit``."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from cli import aws
from cli.audit import complete, trail
from cli.audit.trail import Wanted
from cli.calls import CannotCall
from cli.dlq_options import duration
from cli.estate import Estate
from cli.show import dollars
from functions import config
from functions.domain.names import JsonObject
from local.splunk import Collector, SplunkDelivery
from local.state import running

app = typer.Typer(no_args_is_help=True, help="Who asked for what, and what was decided.")
out = Console(highlight=False)
DAY = timedelta(days=1)
SETTLED = timedelta(minutes=15)
"""A run that began earlier has ended, and its line has come."""

Region = Annotated[
    str | None,
    typer.Option(help="An AWS region, with your own credentials; without it, the local stack."),
]
Profile = Annotated[str | None, typer.Option(help="Of your AWS configuration.")]
Since = Annotated[
    timedelta | None,
    typer.Option(parser=duration, metavar="SPAN", help="How far back, such as 24h or 30d."),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: one line each, as written.")]


@app.command("list")
def list_lines(  # noqa: PLR0913  # each is an option of the command
    *,
    run: Annotated[str | None, typer.Option(help="Only this run.")] = None,
    trace: Annotated[str | None, typer.Option(help="Only this trace.")] = None,
    team: Annotated[str | None, typer.Option(help="Only this team's.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only this caller's.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    decision: Annotated[str | None, typer.Option(help="Such as answered or refused.")] = None,
    since: Since = None,
    region: Region = None,
    profile: Profile = None,
    as_json: Json = False,
) -> None:
    """Lines of the trail, the oldest first; of the last day unless it is said otherwise."""
    now = datetime.now(UTC)
    wanted = Wanted(
        since=now - (since or DAY),
        until=now,
        run=run,
        trace=trace,
        team=team,
        subject=subject,
        agent=agent,
        decision=decision,
    )
    estate = estate_of(region, profile)
    with explained(estate):
        found = trail.lines(estate, wanted)
    if as_json:
        for line in found:
            out.print_json(data=line, indent=None)
    else:
        out.print(_table(found))


@app.command()
def check(
    *, since: Since = None, region: Region = None, profile: Profile = None, as_json: Json = False
) -> None:
    """Whether every run of the ledger has its line; exit code 1 if one has none."""
    now = datetime.now(UTC)
    wanted = Wanted(since=now - (since or DAY), until=now - SETTLED)
    estate = estate_of(region, profile)
    with explained(estate):
        done = complete.check(estate, config.teams().teams, wanted)
    if as_json:
        missing = [vars_of(run) for run in done.missing]
        out.print_json(data={"runs": done.runs, "missing": missing})
    else:
        out.print(f"{done.runs} runs of the ledger, {len(done.missing)} without an audit line")
        for run in done.missing:
            out.print(f"  {run.time}  {run.run}  {run.team}  {run.agent}")
    raise typer.Exit(1 if done.missing else 0)


@app.command()
def forward(
    *,
    to: Annotated[str, typer.Option(metavar="URL", help="Of the collector, without a path.")],
    token: Annotated[str, typer.Option(envvar="GATEHOUSE_HEC_TOKEN", help="Of the collector.")],
    deferred: Annotated[
        bool, typer.Option("--deferred", help="Only what Firehose did not take.")
    ] = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Send the trail's lines to a Splunk HTTP Event Collector, as Firehose does, once."""
    estate = estate_of(region, profile)
    with explained(estate), httpx.Client(base_url=to, timeout=10) as client:
        delivery = SplunkDelivery(
            estate.client("s3"),
            estate.audit_bucket(),
            Collector(client, token, acknowledgement_seconds=180),
            retry_seconds=60,
            prefix=trail.WAYS[1] if deferred else trail.WAYS[0],
        )
        sent, failed = delivery.deliver()
    out.print(f"{sent} files indexed, {failed} put aside under errors/splunk-failed/")
    raise typer.Exit(1 if failed else 0)


def estate_of(region: str | None, profile: str | None) -> Estate:
    """A region with the caller's own credentials, or the local stack."""
    if region:
        return Estate.aws(region, profile)
    if profile:
        msg = "a profile is for AWS: name the region too, such as --region eu-central-1"
        raise CannotCall(msg)
    return Estate.local(running())


def explained(estate: Estate) -> AbstractContextManager[None]:
    """What AWS says, in a sentence."""
    return aws.explained("s3", estate.place)


def vars_of(run: complete.Missing) -> JsonObject:
    return {"run": run.run, "team": run.team, "agent": run.agent, "time": run.time}


def _table(found: list[JsonObject]) -> Table:
    table = Table(
        "time", "who", "team", "what", "decision", "run", "cost", box=None, header_style="bold"
    )
    for line in found:
        table.add_row(
            line["time"][:19],
            line["who"]["subject"],
            line["who"].get("team", ""),
            line.get("agent") or line.get("event_type") or line["kind"],
            " ".join(filter(None, [line["decision"], line.get("reason")])),
            line.get("run", ""),
            dollars(line.get("cost_micro_usd", 0)),
        )
    return table
