"""Ledger lines by the thousand, for tests that add them up, and a ledger that holds them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from functions.domain.ledger import LedgerCall, LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Price, PriceList, Usage
from functions.domain.usage import ClosedDays, Part, Row, Sum
from tests import fakes

FIRST = date(2026, 10, 1)
VERSIONS = ("2026-01-01T00:00:00Z", "2026-11-02T12:00:00Z")
PRICES = PriceList(
    Price.model_validate(
        {
            "zone": "eu",
            "model": model,
            "since": since,
            "input": 1_100_000 * (1 + number),
            "output": 5_500_000,
            "cache_read": 110_000,
            "cache_write": 1_375_000,
            "cache_write_hour": 2_200_000,
            "source": "test",
            "verified": FIRST,
        }
    )
    for number, since in enumerate(VERSIONS)
    for model in (fakes.MODEL, fakes.SECOND)
)
COUNTS = st.integers(0, 200_000)


@st.composite
def calls(draw: st.DrawFn) -> LedgerCall:
    """A call, charged as the gatehouse charges: rounded up to a micro-dollar by itself."""
    usage = draw(st.builds(Usage, **dict.fromkeys(Usage.model_fields, COUNTS)))
    model = draw(st.sampled_from((fakes.MODEL, fakes.SECOND)))
    since = draw(st.sampled_from(VERSIONS))
    return LedgerCall(
        model=model,
        answered_by=model,
        usage=usage,
        cost_micro_usd=PRICES.of(model, datetime.fromisoformat(since)).cost(usage),
        latency_ms=1,
        price_since=since,
    )


@st.composite
def lines(draw: st.DrawFn) -> LedgerLine:
    made = draw(st.lists(calls(), min_size=1, max_size=3))
    seconds = draw(st.integers(0, 61 * 86_400 - 1))
    team = draw(st.sampled_from(("helpdesk", "retail")))
    return LedgerLine(
        time=datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(seconds=seconds),
        run="run_1",
        team=team,
        business_unit={"helpdesk": "Customer Care", "retail": '=Retail, "EU"'}[team],
        cost_centre="CC-1",
        workflow=draw(st.sampled_from(("unassigned", "onboarding"))),
        agent=draw(st.sampled_from(("echo", "review"))),
        channel="http",
        status="succeeded",
        cache="off",
        zone="eu",
        region="eu-central-1",
        event=None,
        calls=tuple(made),
        cost_micro_usd=MicroUsd(sum(call.cost_micro_usd for call in made)),
    )


MANY = st.lists(lines(), max_size=12)


@dataclass
class FakeLedger:
    """Holds lines; counts how many were read."""

    held: list[LedgerLine]
    read: int = 0

    def lines(self, team: str, period: Period) -> Iterator[LedgerLine]:
        for line in sorted(self.held, key=lambda line: line.time):
            if line.team == team and line.day in period:
                self.read += 1
                yield line


@dataclass
class FakeRollups:
    """Keeps the sums of closed days for as long as the test lives."""

    kept: dict[tuple[str, date], dict[Part, Sum]] = field(default_factory=dict)
    finished: set[date] = field(default_factory=set)

    def closed(self, team: str, month: Period) -> ClosedDays:
        mine = {day: sums for (who, day), sums in self.kept.items() if who == team and day in month}
        rows: list[Row] = [row for sums in mine.values() for row in sums.items()]
        return ClosedDays(frozenset(mine), rows)

    def teams(self, month: Period) -> Collection[str]:
        return {team for (team, day), sums in self.kept.items() if sums and day in month}

    def days(self, month: Period) -> Collection[date]:
        return {day for day in self.finished if day in month}

    def finish(self, day: date) -> None:
        self.finished.add(day)

    def close(self, team: str, day: date, sums: Mapping[Part, Sum]) -> None:
        self.kept[team, day] = dict(sums)


@dataclass
class FakeExports:
    files: dict[date, bytes] = field(default_factory=dict)

    def put(self, day: date, file: bytes) -> None:
        self.files[day] = file


@dataclass(frozen=True)
class FakeSpenders:
    names: tuple[str, ...] = ("helpdesk", "retail")

    def teams(self, month: Period) -> Collection[str]:
        return self.names
