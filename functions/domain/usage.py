"""Usage added up: the ledger's lines as sums, by whatever somebody wants to know.

    lines → parts, one for each call → a sum for each part (a roll-up) → sums by whatever is asked

A part is as fine as anybody may ask, so sums of lines and sums of roll-ups are the same sums. All
of it is integers: no order of adding up gives another result.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from functions.domain.ledger import LedgerLine
from functions.domain.names import JsonObject, MicroUsd
from functions.domain.pricing import Usage

CURRENCY = "USD"
MICRO = Decimal(1_000_000)
NO_TOKENS = Usage()
NO_MONEY = MicroUsd(0)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Part:
    """By what spending can be told apart."""

    day: date
    team: str
    business_unit: str
    cost_centre: str
    workflow: str
    agent: str
    model: str
    zone: str
    region: str
    price_since: str


DIMENSIONS = tuple(field.name for field in fields(Part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What was used, and what it cost."""

    runs: int = 0
    """A run is counted where its last call is: one that fell back counts once."""
    calls: int = 0
    usage: Usage = NO_TOKENS
    cost_micro_usd: MicroUsd = NO_MONEY

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            runs=self.runs + other.runs,
            calls=self.calls + other.calls,
            usage=self.usage + other.usage,
            cost_micro_usd=MicroUsd(self.cost_micro_usd + other.cost_micro_usd),
        )

    def shown(self) -> JsonObject:
        """As the interface tells it: integers to reckon with, and dollars to read."""
        return {
            "runs": self.runs,
            "calls": self.calls,
            "tokens": self.usage.by_kind(),
            "cost_micro_usd": self.cost_micro_usd,
            "cost_usd": dollars(self.cost_micro_usd),
        }

    @classmethod
    def read(cls, shown: Mapping[str, object]) -> "Sum":
        """What :meth:`shown` wrote."""
        tokens = {f"{kind}_tokens": n for kind, n in dict(shown["tokens"]).items()}  # type: ignore[call-overload]  # checked by the model below
        counted = {name: int(str(shown[name])) for name in ("runs", "calls")}
        return cls(
            usage=Usage.model_validate(tokens),
            cost_micro_usd=MicroUsd(int(str(shown["cost_micro_usd"]))),
            **counted,
        )


Row = tuple[Part, Sum]


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Days to which no line comes any more, and the sums of all of them."""

    days: frozenset[date]
    rows: Sequence[Row]


Group = tuple[str, ...]


def parts(line: LedgerLine) -> Iterator[Row]:
    """What each call of a line adds to which part."""
    for number, call in enumerate(line.calls, start=1):
        part = Part(
            day=line.day,
            team=line.team,
            business_unit=line.business_unit,
            cost_centre=line.cost_centre,
            workflow=line.workflow,
            agent=line.agent,
            model=call.model,
            zone=line.zone,
            region=line.region,
            price_since=call.price_since,
        )
        yield (
            part,
            Sum(
                runs=int(number == len(line.calls)),
                calls=1,
                usage=call.usage,
                cost_micro_usd=call.cost_micro_usd,
            ),
        )


def rolled_up(rows: Iterable[Row]) -> dict[Part, Sum]:
    """One sum for each part."""
    sums: dict[Part, Sum] = {}
    for part, amount in rows:
        sums[part] = sums[part] + amount if part in sums else amount
    return sums


def group_of(part: Part, by: Sequence[str]) -> Group:
    """A part's values of these dimensions, as text."""
    return tuple(str(getattr(part, name)) for name in by)


def total(sums: Iterable[Sum]) -> Sum:
    return sum(sums, Sum())


def dollars(micro_usd: int) -> str:
    """Dollars with all six decimals: ``0.001650``."""
    return f"{Decimal(micro_usd) / MICRO:.6f}"
