"""The options of ``gatehouse dlq``: which queues, which letters, and how fast."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from cli.dead_letters.moves import SLOWEST_PER_SECOND

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration(text: str) -> timedelta:
    """A span of time such as ``90s``, ``15m``, ``12h`` or ``7d``."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        msg = f"{text!r} is no span of time; write it like 90s, 15m, 12h or 7d"
        raise typer.BadParameter(msg)
    return timedelta(seconds=int(found[1]) * SECONDS[found[2]])


def per_second(text: str) -> float:
    """A rate such as ``5``, ``5/s`` or ``30/m``, in a second."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)(?:/([smh]))?", text)
    rate = float(found[1]) / SECONDS[found[2] or "s"] if found else 0.0
    if rate < SLOWEST_PER_SECOND:
        msg = f"{text!r} is no rate; write it like 5/s or 30/m, and no slower than 3/m"
        raise typer.BadParameter(msg)
    return rate


Region = Annotated[
    str | None,
    typer.Option(help="An AWS region, with your own credentials; without it, the local stack."),
]
AgentOption = Annotated[str, typer.Option(help="Whose dead letters.")]
AnyAgent = Annotated[str | None, typer.Option("--agent", help="Only this agent's.")]
ReasonOption = Annotated[
    str | None, typer.Option(help="Only those of this reason; see 'gatehouse dlq list'.")
]
TeamOption = Annotated[str | None, typer.Option(help="Only those of this team.")]
TypeOption = Annotated[str | None, typer.Option("--type", help="Only events of this type.")]
MessageIds = Annotated[
    list[str] | None, typer.Option("--message-id", help="Only this message; may be repeated.")
]
OlderThan = Annotated[
    timedelta | None,
    typer.Option(parser=duration, metavar="SPAN", help="Only those dead so long, such as 7d."),
]
Rate = Annotated[
    float | None,
    typer.Option(parser=per_second, metavar="RATE", help="No faster than this, such as 5/s."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
