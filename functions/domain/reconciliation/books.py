"""The ledger's lines added up for a comparison, as they are read one by one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from functions.domain.ledger import LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.reconciliation.finding import Account

KINDS = ("input", "output", "cache_read", "cache_write")
"""What the provider tells apart; it counts writes to its cache together, however long they last."""
NOTHING = Account()


@dataclass(slots=True)
class Books:
    """What was charged: by model and by business unit, on each day."""

    by_model: dict[tuple[str, date], Account] = field(default_factory=dict)
    by_business_unit: dict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def of(cls, lines: Iterable[LedgerLine]) -> "Books":
        books = cls()
        for line in lines:
            books.add(line)
        return books

    def add(self, line: LedgerLine) -> None:
        self.by_business_unit[line.business_unit, line.day] += line.cost_micro_usd
        for call in line.calls:
            new = Account(usage=call.usage, calls=1, cost_micro_usd=call.cost_micro_usd)
            self.by_model[call.model, line.day] = self.on(call.model, line.day) + new

    @property
    def models(self) -> set[str]:
        return {model for model, _ in self.by_model}

    def on(self, model: str, day: date) -> Account:
        return self.by_model.get((model, day), NOTHING)

    def of_model(self, model: str, period: Period) -> Account:
        return sum((self.on(model, day) for day in days(period)), NOTHING)

    def of_business_unit(self, name: str, period: Period) -> MicroUsd:
        return MicroUsd(sum(self.by_business_unit.get((name, day), 0) for day in days(period)))


def days(period: Period) -> Iterator[date]:
    return (period.first + timedelta(days=number) for number in range(period.days))


def midnight(day: date) -> datetime:
    """When a day begins, in UTC, as providers bill."""
    return datetime.combine(day, time(), UTC)


def kinds_of(usage: Usage) -> dict[str, int]:
    """The tokens of a usage, in the kinds that the provider tells apart."""
    by_kind = usage.by_kind()
    hour = by_kind.pop("cache_write_hour")
    return {**by_kind, "cache_write": by_kind["cache_write"] + hour}
