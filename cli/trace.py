"""One trace of the local stack: its spans, or its runs as the logs have them.

Spans are kept for a while only, logs for as long as the stack runs; a zone may also export none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from cli.show import dollars
from cli.waterfall import waterfall
from local import spans

COLUMNS = ("began", "run", "agent", "by", "status", "ms", "cost", "")
WIDTH = 24
"""Of the longest bar."""


class NoTrace(Exception):
    """No log has it; the message says what to look for."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One run, as its function wrote it when it ended."""

    ended: datetime
    line: dict[str, Any]

    @property
    def began(self) -> datetime:
        return self.ended - timedelta(milliseconds=self.line["latency_ms"])


def trace(folder: Path, named: str) -> RenderableType:
    """The trace that has this id, or in which the run with this id is, from a state folder.

    Raises:
        NoTrace: there is none.
    """
    return waterfall(spans.kept(folder / spans.FOLDER), named) or _runs(folder / "logs", named)


def _runs(folder: Path, named: str) -> RenderableType:
    every = list(_hops(folder))
    ids = {
        hop.line["trace_id"] for hop in every if named in {hop.line["run"], hop.line["trace_id"]}
    }
    found = sorted((hop for hop in every if hop.line["trace_id"] in ids), key=lambda h: h.began)
    if not found:
        msg = f"no run or trace {named} is in the logs of the local stack; a reply's body has both"
        raise NoTrace(msg)
    return _table(found)


def _hops(folder: Path) -> Iterator[Hop]:
    for file in sorted(folder.glob("*.log")):
        for text in file.read_text(encoding="utf-8", errors="replace").splitlines():
            when, _, rest = text.partition(" ")
            if '"message":"run"' in rest:
                yield Hop(datetime.fromisoformat(when), json.loads(rest))


def _table(hops: list[Hop]) -> Table:
    start, end = hops[0].began, max(hop.ended for hop in hops)
    total = max((end - start).total_seconds(), 0.001)
    cost = sum(hop.line["cost_micro_usd"] for hop in hops)
    table = Table(
        *(Column(name, overflow="fold") for name in COLUMNS),
        title=f"trace {hops[0].line['trace_id']}: {total:.2f} s, {dollars(cost)}",
        title_justify="left",
        box=None,
        header_style="bold",
    )
    for hop in hops:
        line = hop.line
        table.add_row(
            f"+{(hop.began - start).total_seconds():.2f} s",
            line["run"],
            line["agent"],
            line["channel"],
            line["status"],
            f"{line['latency_ms']:.0f}",
            dollars(line["cost_micro_usd"]),
            _bar(hop, start, total),
        )
    return table


def _bar(hop: Hop, start: datetime, total: float) -> Text:
    before = round((hop.began - start).total_seconds() / total * WIDTH)
    length = max(1, round((hop.ended - hop.began).total_seconds() / total * WIDTH))
    style = "green" if hop.line["status"] in {"succeeded", "accepted"} else "red"
    return Text(" " * before).append("█" * length, style=style)
