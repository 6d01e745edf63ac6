"""A model's tokens of each day against the provider's sums of them.

A figure that the provider should have and has not is no figure of zero. What is known may still be
enough to say that the two drift; it is never enough to say that they agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import TOKENS_PER_PRICE, PriceList, Usage
from functions.domain.reconciliation.books import KINDS, Books, days, kinds_of, midnight
from functions.domain.reconciliation.finding import Account, Finding, Tolerance

MOST_NAMED = 3
"""Days that a reason names, of those that it is about."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the provider counted of one model on one day."""

    tokens: Mapping[str, int]
    """Of the kinds for which it has a figure."""
    calls: int | None = None


Readings = Mapping[tuple[str, date], Reading]
NO_READING = Reading({})


@dataclass(frozen=True, slots=True)
class _Cell:
    """One kind of token on one day."""

    day: date
    kind: str
    charged: int
    counted: int | None
    rate: int

    @property
    def is_missing(self) -> bool:
        return self.counted is None and self.charged > 0

    @property
    def drift(self) -> int:
        return 0 if self.counted is None else (self.counted - self.charged) * self.rate

    @property
    def worth(self) -> int:
        return (self.counted or 0) * self.rate


def compare(
    model: str,
    period: Period,
    books: Books,
    readings: Readings,
    prices: PriceList,
    tolerance: Tolerance,
) -> Finding:
    """What the metrics say of one model."""
    charged = books.of_model(model, period)
    finding = Finding(source="metrics", subject=model, period=period, ledger=charged)
    try:
        cells = [*_cells(model, period, books, readings, prices)]
    except LookupError as error:
        return replace(finding, reason=str(error.args[0]))
    drift = sum(cell.drift for cell in cells)
    judged = replace(
        finding,
        provider=_provider(model, period, readings, cells),
        drift_micro_usd=round(drift / TOKENS_PER_PRICE),
    ).judged(tolerance)
    reason = _missing(cells, period)
    if reason and judged.result == "agrees":
        return replace(finding, reason=reason)
    return replace(judged, reason=reason)


def _cells(
    model: str, period: Period, books: Books, readings: Readings, prices: PriceList
) -> Iterator[_Cell]:
    """Every kind of token on every day on which either side has any."""
    for day in days(period):
        charged = kinds_of(books.on(model, day).usage)
        counted = readings.get((model, day), NO_READING).tokens
        for kind in KINDS:
            if charged[kind] or counted.get(kind):
                rate = prices.of(model, midnight(day)).rate(kind)
                yield _Cell(day, kind, charged[kind], counted.get(kind), rate)


def _provider(model: str, period: Period, readings: Readings, cells: list[_Cell]) -> Account:
    tokens = {f"{kind}_tokens": 0 for kind in KINDS}
    for cell in cells:
        tokens[f"{cell.kind}_tokens"] += cell.counted or 0
    calls = [readings.get((model, day), NO_READING).calls for day in days(period)]
    worth = sum(cell.worth for cell in cells)
    return Account(
        usage=Usage(**tokens),
        calls=sum(number or 0 for number in calls),
        cost_micro_usd=MicroUsd(-(-worth // TOKENS_PER_PRICE)),
    )


def _missing(cells: list[_Cell], period: Period) -> str | None:
    """Which figures the provider does not have although the ledger has tokens of their kind."""
    missing = sorted({(cell.kind, cell.day) for cell in cells if cell.is_missing})
    if not missing:
        return None
    kinds = ", ".join(kind for kind in KINDS if any(kind == name for name, _ in missing))
    without = sorted({day for _, day in missing})
    named = ", ".join(f"{day}" for day in without[:MOST_NAMED])
    more = f" and {len(without) - MOST_NAMED} more days" if len(without) > MOST_NAMED else ""
    return (
        f"CloudWatch has no {kinds} tokens on {named}{more} (of {period.days} days), and the "
        "ledger has some"
    )
