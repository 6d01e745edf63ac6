"""A month in the columns of FOCUS, in one file: what the exporter writes to S3 day by day.

It is asked for a day at a time, as finely as the interface tells it, so that no answer is too
large.
"""

import gzip
import io
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cli.calls import Answered
from cli.stage import zone_named
from cli.usage.ask import Office
from functions.domain.focus import HEADER, cells, charges
from functions.domain.ledger import Period
from functions.domain.pricing import price_list
from functions.domain.spreadsheet import Cell, write_to
from functions.domain.usage import DIMENSIONS, Part, Sum
from infra.stages import DEFAULT


class NotAnswered(Exception):
    """A day could not be had; ``answered`` is the problem."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(answered.status)
        self.answered = answered


def export(
    office: Office, days: Period, team: str | None, to: Path, stage: str = DEFAULT
) -> tuple[int, int]:
    """Write the file; how many rows it has, and what they cost together in micro-USD.

    Raises:
        NotAnswered: the gatehouse refused a day; the file is then not there.
        CannotCall: the stage does not know the gatehouse's zone.
    """
    found: list[tuple[Cell, ...]] = []
    cost = 0
    for day in days.each():
        report = _report(office, day, team)
        zone = zone_named(report["zone"], stage)
        prices = price_list(zone.name)
        rows = [(_part(group), Sum.read(group)) for group in report["groups"]]
        found += [cells(charge) for row in rows for charge in charges(row, zone.account, prices)]
        cost += sum(amount.cost_micro_usd for _, amount in rows)
    _write(found, to)
    return len(found), cost


def _report(office: Office, day: date, team: str | None) -> dict[str, Any]:
    end = day + timedelta(days=1)
    query = {"from": str(day), "to": str(end), "group_by": ",".join(DIMENSIONS)}
    answered = office.report(query | ({"team": team} if team else {}))
    if not answered.ok:
        raise NotAnswered(answered)
    return answered.body


def _part(group: dict[str, Any]) -> Part:
    texts = {name: str(group[name]) for name in DIMENSIONS if name != "day"}
    return Part(day=date.fromisoformat(group["day"]), **texts)


def _write(rows: Sequence[tuple[Cell, ...]], to: Path) -> None:
    out = io.StringIO(newline="")
    write_to(out, [HEADER])
    write_to(out, rows)
    text = out.getvalue().encode()
    to.write_bytes(gzip.compress(text, mtime=0) if to.suffix == ".gz" else text)
