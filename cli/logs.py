"""``gatehouse logs``: what the functions wrote, on the local stack or in a region."""

import json
import re
from collections import deque
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from cli import aws
from cli.dlq_options import duration
from cli.log_lines.entry import LEVELS, Entry, Selection
from cli.log_lines.sources import LogFiles, LogGroups, Source
from local.state import FOLDER

RUN = re.compile(r"run_[0-9a-f]{32}")
TRACE = re.compile(r"[0-9a-f]{32}")

out = Console(highlight=False)

Region = Annotated[
    str | None,
    typer.Option(help="An AWS region, with your own credentials; without it, the local stack."),
]
Profile = Annotated[
    str | None, typer.Option(help="Of your AWS configuration; AWS_PROFILE unless said otherwise.")
]


def read_run(text: str) -> str:
    """The id of a run, as replies have it."""
    if not RUN.fullmatch(text):
        msg = f"{text!r} is no run's id; one is run_ and 32 hexadecimal digits, as replies have it"
        raise typer.BadParameter(msg)
    return text


def read_trace(text: str) -> str:
    """The id of a W3C trace."""
    if not TRACE.fullmatch(text):
        msg = f"{text!r} is no trace's id; one is 32 hexadecimal digits, in lower case"
        raise typer.BadParameter(msg)
    return text


def read_level(text: str) -> str:
    """How bad a line must be."""
    if text.lower() not in LEVELS:
        msg = f"{text!r} is no level; say one of {', '.join(LEVELS)}"
        raise typer.BadParameter(msg)
    return text.lower()


def read_ago(text: str) -> datetime:
    """The moment that a span of time ago was."""
    return datetime.now(UTC) - duration(text)


def logs(  # noqa: PLR0913  # each is an option of the command
    function: Annotated[
        str | None, typer.Argument(help="http, authorizer, model, or an agent's name.")
    ] = None,
    *,
    run: Annotated[str | None, typer.Option(parser=read_run, help="Of this run only.")] = None,
    trace: Annotated[
        str | None, typer.Option(parser=read_trace, help="Of this trace only.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(parser=read_level, help="This bad or worse, such as warning.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=read_ago, metavar="SPAN", help="Of the last 90s, 15m, 12h or 7d."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="How many lines.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: JSON lines.")] = False,
    region: Region = None,
    profile: Profile = None,
) -> None:
    """What the functions wrote."""
    selection = Selection(function=function, run=run, trace=trace, level=level, since=since)
    source = place(region, profile)
    for entry in deque(sorted(source.entries(selection), key=lambda each: each.at), maxlen=last):
        _print(entry, as_json=as_json)
    if follow:
        for entry in source.following(selection):
            _print(entry, as_json=as_json)


def place(region: str | None, profile: str | None) -> Source:
    """Where the lines are."""
    if region:
        return LogGroups(aws.client("logs", region, profile), region)
    if profile:
        msg = "--profile needs --region: the local stack has no AWS account"
        raise typer.BadParameter(msg)
    return LogFiles(FOLDER / "logs")


def _print(entry: Entry, *, as_json: bool) -> None:
    told = json.dumps(entry.as_data()) if as_json else entry.readable()
    # Neither markup nor wrapping: a line is one line, for whoever greps.
    out.print(told, markup=False, soft_wrap=True)
