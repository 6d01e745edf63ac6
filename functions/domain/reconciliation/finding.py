"""Whether the ledger says what the provider says, and what to think of it when it does not.

A finding is one of three things. It *agrees*, or it *drifts* by more than is tolerated, or it is
*unknown* for a reason that it names: figures that are missing are never taken for figures that
match. A drift is what the provider counted less what the ledger charged: above zero, the ledger
lacks something.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from functions.domain.ledger import Period
from functions.domain.names import JsonObject, MicroUsd
from functions.domain.pricing import Usage

Result = Literal["agrees", "drifts", "unknown"]
RESULTS: tuple[Result, ...] = ("agrees", "drifts", "unknown")
Source = Literal["metrics", "logs", "bill"]
WORST_FIRST: tuple[Result, ...] = ("drifts", "unknown", "agrees")
HUNDREDTH = Decimal("0.01")
MICRO_USD_PER_USD = 1_000_000
NO_TOKENS = Usage()
NO_COST = MicroUsd(0)


class CannotRead(Exception):
    """A source of the provider's figures cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two accounts may be apart: the larger of a share and a sum."""

    percent: Decimal
    usd: Decimal

    def allows(self, drift: int, of: int) -> bool:
        return abs(drift) <= max(of * self.percent / 100, self.usd * MICRO_USD_PER_USD)


MOST_RUNS = 100
"""That are named, of either kind."""
EXACT = Tolerance(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one side says was used."""

    usage: Usage = NO_TOKENS
    calls: int | None = 0
    cost_micro_usd: MicroUsd = NO_COST

    def __add__(self, other: "Account") -> "Account":
        return Account(
            usage=self.usage + other.usage,
            calls=(self.calls or 0) + (other.calls or 0),
            cost_micro_usd=MicroUsd(self.cost_micro_usd + other.cost_micro_usd),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of comparing one model, or one business unit, over some days."""

    source: Source
    subject: str
    period: Period
    ledger: Account
    provider: Account | None = None
    """None when the provider's side is not known."""
    drift_micro_usd: int | None = None
    """At the prices of the days, so that rounding each call up is no drift."""
    result: Result = "unknown"
    reason: str | None = None
    lost: tuple[str, ...] = ()
    """Runs of which the provider has a call that the ledger lacks."""
    doubled: tuple[str, ...] = ()
    """Runs of which the ledger has a call that the provider lacks."""

    @property
    def drift_percent(self) -> Decimal | None:
        """Of what the provider counted, or of the ledger where the provider counted nothing."""
        if self.drift_micro_usd is None or self.provider is None:
            return None
        base = self.provider.cost_micro_usd or self.ledger.cost_micro_usd
        share = Decimal(100 * self.drift_micro_usd) / base if base else Decimal(0)
        return share.quantize(HUNDREDTH, ROUND_HALF_EVEN)

    def judged(self, tolerance: Tolerance) -> "Finding":
        """The same finding, as agreeing or drifting by this tolerance."""
        if self.provider is None or self.drift_micro_usd is None:
            return self
        most = max(self.provider.cost_micro_usd, self.ledger.cost_micro_usd)
        fits = tolerance.allows(self.drift_micro_usd, most)
        return replace(self, result="agrees" if fits else "drifts")

    def as_data(self) -> JsonObject:
        """For logs and programs: whole numbers, and percent as text."""
        percent = self.drift_percent
        return {
            "source": self.source,
            "subject": self.subject,
            "first": self.period.first.isoformat(),
            "end": self.period.end.isoformat(),
            "result": self.result,
            "reason": self.reason,
            "ledger": _as_data(self.ledger),
            "provider": _as_data(self.provider) if self.provider else None,
            "drift_micro_usd": self.drift_micro_usd,
            "drift_percent": None if percent is None else str(percent),
            "lost": list(self.lost[:MOST_RUNS]),
            "doubled": list(self.doubled[:MOST_RUNS]),
            "lost_runs": len(self.lost),
            "doubled_runs": len(self.doubled),
        }


def overall(findings: Iterable[Finding]) -> Result:
    """The worst of them; nothing at all was compared is not known either."""
    found = {finding.result for finding in findings}
    return next((result for result in WORST_FIRST if result in found), "unknown")


def settled(period: Period, end: date) -> Period:
    """The days of a period that are over by a day; perhaps none."""
    return Period(period.first, max(period.first, min(period.end, end)))


def _as_data(account: Account) -> JsonObject:
    return {
        "tokens": account.usage.by_kind(),
        "calls": account.calls,
        "cost_micro_usd": account.cost_micro_usd,
    }
