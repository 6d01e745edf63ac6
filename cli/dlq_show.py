"""Dead letters as a person wants to read them, and as a program does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from cli.dead_letters import view
from cli.dead_letters.letter import Letter
from cli.dead_letters.tally import Share, Tally


def tallies(found: Sequence[Tally]) -> RenderableType:
    """One line for each agent and reason; what could not be counted is said below."""
    table = Table("agent", "reason", "letters", "oldest", box=None, header_style="bold")
    table.columns[2].justify = "right"
    for each in found:
        for share in each.shares or (None,):
            table.add_row(each.agent, *_row(share, each.filling.at))
    return Group(table, *(Text(note, style="yellow") for each in found for note in _notes(each)))


def shares(found: Sequence[Share], now: datetime) -> RenderableType:
    table = Table("reason", "letters", "oldest", box=None, header_style="bold")
    table.columns[1].justify = "right"
    for share in found:
        table.add_row(*_row(share, now))
    return table


def as_data(found: Sequence[Tally], place: str) -> dict[str, Any]:
    """The same for programs."""
    return {"place": place, "agents": [_tally_data(each) for each in found]}


def letter(agent: str, found: Letter, *, reveal: bool) -> RenderableType:
    """Why it is here, then the event, then what is in it."""
    body = Text(view.as_text(view.content(found, reveal=reveal)))
    note = "as it came" if reveal else "personal data masked; --reveal shows it"
    parts: list[RenderableType] = [_grid(view.facts(agent, found))]
    if envelope := view.envelope(found):
        parts += [Rule("event", align="left", style="dim"), _grid(envelope)]
    title = "data" if envelope else "body, which is no event"
    parts += [Rule(f"{title} ({note})", align="left", style="dim"), body]
    return Panel(Group(*parts), title=Text(found.reason), title_align="left")


def letter_data(agent: str, found: Letter, *, reveal: bool) -> dict[str, Any]:
    """The same for programs."""
    told = {name.replace(" ", "_"): value for name, value in view.facts(agent, found).items()}
    attempts = found.said("attempts")
    return {
        **told,
        "attempts": int(attempts) if attempts else None,
        "receives": found.receives,
        "event": view.envelope(found),
        "content": view.content(found, reveal=reveal),
        "revealed": reveal,
    }


def age(span: timedelta) -> str:
    """In the largest unit that fits: nobody acts on the seconds of a day."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _row(share: Share | None, now: datetime) -> tuple[str | Text, ...]:
    if share is None:
        return Text("-", style="dim"), "0", ""
    return Text(share.reason), str(share.count), age(now - share.oldest)


def _notes(tally: Tally) -> list[str]:
    total, notes = tally.filling.total, []
    if tally.is_sample:
        notes.append(f"{tally.agent}: a sample, {tally.counted} of about {total}; see --limit")
    if tally.filling.hidden:
        notes.append(
            f"{tally.agent}: about {tally.filling.hidden} in other hands, back within two minutes"
        )
    return notes


def _tally_data(tally: Tally) -> dict[str, Any]:
    return {
        "agent": tally.agent,
        "about": tally.filling.total,
        "in_other_hands": tally.filling.hidden,
        "counted": tally.counted,
        "is_sample": tally.is_sample,
        "oldest": tally.oldest and tally.oldest.isoformat(),
        "reasons": [
            {"reason": s.reason, "count": s.count, "oldest": s.oldest.isoformat()}
            for s in tally.shares
        ],
    }


def _grid(fields: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields.items():
        if value:
            table.add_row(name, Text(view.as_text(value)))
    return table
