"""What those need from the outside world who read what was spent: nobody who spends is one of them.

They stand apart from ``ports.py`` so that no bundle of a function that executes runs carries them.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Protocol

from functions.domain.ledger import LedgerLine, Period
from functions.domain.usage import ClosedDays, Part, Sum


class Ledger(Protocol):
    """Reads what was spent."""

    def lines(self, team: str, period: Period) -> Iterator[LedgerLine]:
        """The team's lines of these days, in the order of their time, a page at a time.

        Raises:
            StoreUnavailable: the ledger cannot be reached.
        """
        ...


class Rollups(Protocol):
    """Sums of closed days, by team. Each method may raise StoreUnavailable."""

    def closed(self, team: str, month: Period) -> ClosedDays:
        """The team's closed days in this part of one month, and their sums."""
        ...

    def teams(self, month: Period) -> Collection[str]:
        """The teams that spent something in the month, as far as it is rolled up."""
        ...

    def days(self, month: Period) -> Collection[date]:
        """The days in this part of one month that are closed for all teams, and exported."""
        ...

    def finish(self, day: date) -> None:
        """Note that a day is closed for all teams, and exported."""
        ...

    def close(self, team: str, day: date, sums: Mapping[Part, Sum]) -> None:
        """Keep a day's sums. Doing it again, with what came late, puts them right."""
        ...


class Spenders(Protocol):
    """Knows who may have lines, also when the team has left since."""

    def teams(self, month: Period) -> Collection[str]:
        """May raise StoreUnavailable."""
        ...


class Exports(Protocol):
    """Keeps files for others to read."""

    def put(self, day: date, file: bytes) -> None:
        """Keep a day's file in the place of any former one. May raise StoreUnavailable."""
        ...
