"""Reconciles the ledger of a region with the provider's own numbers, from whichever there are.

The ledger is read once, a page at a time. Of the provider's sources the most exact one judges a
model: its log of invocations where that is on, else its metrics. The bill is looked at besides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from functions.domain.ledger import LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import PriceList
from functions.domain.reconciliation import by_bill, by_logs, by_metrics
from functions.domain.reconciliation.books import Books
from functions.domain.reconciliation.by_logs import LoggedCall
from functions.domain.reconciliation.by_metrics import Readings
from functions.domain.reconciliation.finding import (
    Account,
    CannotRead,
    Finding,
    Source,
    Tolerance,
    settled,
)
from functions.domain.team import Team
from functions.pipeline.ledger_ports import Ledger

LATE = timedelta(hours=3)
"""The provider's metrics and logs of a day are complete by then."""


class Metrics(Protocol):
    """The provider's sums of tokens."""

    def readings(self, models: Collection[str], period: Period) -> Readings:
        """What was counted of each model on each day.

        Raises:
            CannotRead: it cannot be known.
        """
        ...


class CallLog(Protocol):
    """The provider's log of single calls."""

    def calls(self, first: datetime, end: datetime) -> Sequence[LoggedCall]:
        """The answered calls of this zone.

        Raises:
            CannotRead: it cannot be known.
        """
        ...


class Bill(Protocol):
    """What the provider charged."""

    def by_business_unit(self, period: Period) -> Mapping[str, MicroUsd]:
        """What the inference profiles of each business unit cost, by the value of their tag.

        Raises:
            CannotRead: it cannot be known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The two sides, and how far they may be apart."""

    teams: Collection[Team]
    models: Collection[str]
    """Those of the zone; any other that the ledger names is looked at too."""
    ledger: Ledger
    metrics: Metrics
    log: CallLog | None
    bill: Bill | None
    prices: PriceList
    tolerance: Tolerance

    def reconcile(self, period: Period, *, billed_until: date) -> list[Finding]:
        """What comes of comparing these days.

        Raises:
            StoreUnavailable: the ledger cannot be read.
        """
        lines = [*self._lines(by_logs.lines_needed(period))] if self.log else []
        if self.log:
            books = Books.of(line for line in lines if line.day in period)
            findings = [*self._by_logs(self.log, lines, period)]
        else:
            books = Books.of(self._lines(period))
            findings = [*self._by_metrics(books, period)]
        if self.bill:
            findings += self._by_bill(self.bill, books, settled(period, billed_until))
        return findings

    def _lines(self, period: Period) -> Iterator[LedgerLine]:
        for team in self.teams:
            yield from self.ledger.lines(team.name, period)

    def _by_metrics(self, books: Books, period: Period) -> Iterator[Finding]:
        models = sorted({*self.models, *books.models})
        try:
            readings = self.metrics.readings(models, period)
        except CannotRead as error:
            yield from _unknown("metrics", models, books, period, str(error))
            return
        for model in models:
            yield by_metrics.compare(model, period, books, readings, self.prices, self.tolerance)

    def _by_logs(
        self, log: CallLog, lines: Sequence[LedgerLine], period: Period
    ) -> Iterator[Finding]:
        try:
            logged = log.calls(*by_logs.window(period))
        except CannotRead as error:
            books = Books.of(line for line in lines if line.day in period)
            models = sorted({*self.models, *books.models})
            yield from _unknown("logs", models, books, period, str(error))
            return
        yield from by_logs.compare(period, lines, logged, self.prices, self.tolerance, self.models)

    def _by_bill(self, bill: Bill, books: Books, period: Period) -> Iterator[Finding]:
        units = {team.business_unit for team in self.teams}
        if not period.days:
            return
        try:
            billed = bill.by_business_unit(period)
        except CannotRead as error:
            for unit in sorted(units):
                charged = Account(calls=None, cost_micro_usd=books.of_business_unit(unit, period))
                yield _unjudged("bill", unit, charged, period, str(error))
            return
        yield from by_bill.compare(period, books, billed, units, self.tolerance)


def settled_day(now: datetime) -> date:
    """The first day that is not over yet, or of which figures may still be on their way."""
    return (now - LATE).astimezone(UTC).date()


def billed_day(now: datetime) -> date:
    """The same for the bill."""
    return (now - by_bill.LATE).astimezone(UTC).date()


def _unknown(
    source: Source, models: Sequence[str], books: Books, period: Period, reason: str
) -> Iterator[Finding]:
    for model in models:
        yield _unjudged(source, model, books.of_model(model, period), period, reason)


def _unjudged(
    source: Source, subject: str, ledger: Account, period: Period, reason: str
) -> Finding:
    return Finding(source=source, subject=subject, period=period, ledger=ledger, reason=reason)
