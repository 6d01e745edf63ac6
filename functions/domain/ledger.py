"""The ledger's lines: who pays for a run, for what, and how much of it.

A run that asked a model has one line, with each of its calls. Lines are written once and never
changed. A run that only used earlier answers costs nothing and has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage

UNKNOWN = "unknown"
"""What a line says that was written before lines said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCall:
    """One call of a model, as the provider counted it."""

    model: str
    answered_by: str
    usage: Usage
    cost_micro_usd: MicroUsd
    latency_ms: int
    price_since: str
    """The version of the price, such as ``2025-10-15T00:00:00Z``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One run that asked a model at least once."""

    time: datetime
    run: str
    team: str
    business_unit: str
    cost_centre: str
    workflow: str
    agent: str
    channel: str
    status: str
    """``succeeded`` or the slug of its error: a failed run has been paid for all the same."""
    cache: str
    zone: str
    region: str
    event: str | None
    """Its key, ``source id``, when an event asked for the run."""
    calls: tuple[LedgerCall, ...]
    cost_micro_usd: MicroUsd

    @property
    def day(self) -> date:
        """In UTC, as providers bill."""
        return self.time.astimezone(UTC).date()

    @property
    def usage(self) -> Usage:
        return sum((call.usage for call in self.calls), Usage())


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole days in UTC: the first, and the one after the last."""

    first: date
    end: date

    @classmethod
    def month(cls, text: str) -> "Period":
        """A month such as ``2026-11``.

        Raises:
            ValueError: it is none.
        """
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
        return cls(first, next_month(first))

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def months(self) -> Iterator["Period"]:
        """The part of each month that is in it, in their order."""
        first = self.first
        while first < self.end:
            end = min(next_month(first), self.end)
            yield Period(first, end)
            first = end

    def each(self) -> Iterator[date]:
        """Its days."""
        return (self.first + timedelta(days=number) for number in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end


def next_month(day: date) -> date:
    """The first day of the month after."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, 1)
