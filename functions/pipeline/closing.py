"""Closes days: rolls each team's lines up, and writes the day's FOCUS file for FinOps tools.

A day is closed once no line can come to it any more. Whatever is written follows from the lines
alone, so closing a day twice, or again after a crash, writes the same bytes to the same places.
"""

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile

from functions.domain.focus import HEADER, cells, charges
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import PriceList
from functions.domain.spreadsheet import write_to
from functions.domain.usage import Part, Row, Sum, parts, rolled_up, total
from functions.pipeline.ledger_ports import Exports, Ledger, Rollups, Spenders
from functions.pipeline.usage import final_before


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of one day."""

    day: date
    rows: int
    cost_micro_usd: MicroUsd


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Everything that a day's closing needs."""

    account: str
    ledger: Ledger
    rollups: Rollups
    spenders: Spenders
    exports: Exports
    prices: PriceList

    def due(self, now: datetime) -> Iterator[date]:
        """Days of this month and the former one that are over and not closed, the oldest first."""
        end = final_before(now)
        this_month = now.date().replace(day=1)
        first = (this_month - timedelta(days=1)).replace(day=1)
        if end > first:
            for month in Period(first, end).months():
                done = self.rollups.days(month)
                yield from (day for day in month.each() if day not in done)

    def close_due(self, now: datetime, is_time: Callable[[], bool]) -> Iterator[Closed]:
        """Close what is due for as long as there is time; the rest is still due the next time."""
        return map(self.close, takewhile(lambda _: is_time(), self.due(now)))

    def close_again(
        self, days: Period, now: datetime, is_time: Callable[[], bool]
    ) -> Iterator[Closed]:
        """Close days anew, whether or not they were closed before.

        Raises:
            ValueError: one of them is not over, and what came later would be missing for good.
        """
        if days.end > final_before(now):
            msg = f"a day can be closed when it is over, as all before {final_before(now)} are"
            raise ValueError(msg)
        return map(self.close, takewhile(lambda _: is_time(), days.each()))

    def close(self, day: date) -> Closed:
        """Close one day, whether or not it was closed before.

        Raises:
            StoreUnavailable: something could not be read or written; the day is still due.
            LookupError: a price that was charged is gone from prices.toml.
        """
        rows: list[Row] = []
        for team in sorted(self.spenders.teams(Period(day, day + timedelta(days=1)))):
            sums = self._team(team, day)
            rows += sorted(sums.items())
        if rows:
            self.exports.put(day, focus_file(rows, self.account, self.prices))
        self.rollups.finish(day)
        return Closed(day, len(rows), total(amount for _, amount in rows).cost_micro_usd)

    def _team(self, team: str, day: date) -> Mapping[Part, Sum]:
        lines = self.ledger.lines(team, Period(day, day + timedelta(days=1)))
        sums = rolled_up(row for line in lines for row in parts(line))
        self.rollups.close(team, day, sums)
        return sums


def focus_file(rows: Iterable[Row], account: str, prices: PriceList) -> bytes:
    """Gzipped CSV; the same rows are always the same bytes."""
    packed = io.BytesIO()
    # A file's time and name would be part of it.
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as squeezed,
        io.TextIOWrapper(squeezed, encoding="utf-8", newline="") as out,
    ):
        write_to(out, [HEADER])
        write_to(out, (cells(c) for row in rows for c in charges(row, account, prices)))
    return packed.getvalue()
