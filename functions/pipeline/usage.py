"""Answers what was used: from roll-ups where a day is closed, from the ledger where it is not.

A month of a busy team has a million lines, and an answer has seconds: see docs/chargeback.md for
what that means and where the limits are.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from functions.domain.ledger import Period
from functions.domain.usage import Group, Row, Sum, group_of, parts
from functions.domain.usage_query import UsageQuery, too_much
from functions.pipeline.ledger_ports import Ledger, Rollups

MOST_LINES = 20_000
"""Of the ledger in one answer: what some seconds of a function can add up."""
MOST_GROUPS = 10_000
"""In one answer: some four megabytes of JSON, and Lambda answers with six at most."""
LINES_A_LOOK = 1_000
"""Between two looks at the clock: a page of them, or so."""
LATEST = timedelta(minutes=30)
"""A run is over a quarter of an hour after it began at the latest, and so is its line written."""


def final_before(now: datetime) -> date:
    """The first day to which a line may still come."""
    return (now.astimezone(UTC) - LATEST).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What all teams of a region used."""

    ledger: Ledger
    rollups: Rollups
    teams: Collection[str]
    """Those that are registered; who left has a roll-up that says so."""
    now: Callable[[], datetime]

    def sums(self, query: UsageQuery, until: datetime) -> dict[Group, Sum]:
        """A sum for each group, in their order.

        Raises:
            InvalidInput: more than one answer can say, or add up in its time.
            StoreUnavailable: the books cannot be read.
        """
        sums: dict[Group, Sum] = {}
        for part, amount in self._rows(query, until):
            group = group_of(part, query.group_by)
            sums[group] = sums[group] + amount if group in sums else amount
            if len(sums) > MOST_GROUPS:
                why = f"There are more than {MOST_GROUPS} groups; group by less."
                raise too_much(why)
        return dict(sorted(sums.items()))

    def _rows(self, query: UsageQuery, until: datetime) -> Iterator[Row]:
        lines = 0
        for team, month in self._asked(query):
            self._check_time(until)
            closed = self.rollups.closed(team, month)
            yield from closed.rows
            for days in open_days(month, closed.days, self.now()):
                for line in self.ledger.lines(team, days):
                    lines += 1
                    if lines > MOST_LINES:
                        why = f"More than {MOST_LINES} runs are not added up by day yet."
                        raise too_much(why)
                    if lines % LINES_A_LOOK == 0:
                        self._check_time(until)
                    yield from parts(line)

    def _asked(self, query: UsageQuery) -> Iterator[tuple[str, Period]]:
        for month in query.period.months():
            for team in [query.team] if query.team else self._who(month):
                yield team, month

    def _who(self, month: Period) -> list[str]:
        return sorted({*self.teams, *self.rollups.teams(month)})

    def _check_time(self, until: datetime) -> None:
        if self.now() > until:
            why = "This takes longer than an answer may."
            raise too_much(why)


def open_days(period: Period, closed: Collection[date], now: datetime) -> Iterator[Period]:
    """Stretches of days that are not closed and may have lines: none of tomorrow."""
    end = min(period.end, now.astimezone(UTC).date() + timedelta(days=1))
    first: date | None = None
    for day in Period(period.first, max(end, period.first)).each():
        if day in closed:
            if first:
                yield Period(first, day)
            first = None
        elif first is None:
            first = day
    if first:
        yield Period(first, end)
