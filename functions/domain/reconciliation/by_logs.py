"""Every call that was charged against every call in the provider's log, run for run.

It finds the very runs that one side lacks. Calls of others in the same account do not matter: only
those that carry our own metadata are compared.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from functions.domain.ledger import LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import TOKENS_PER_PRICE, PriceList, Usage
from functions.domain.reconciliation.books import KINDS, Books, kinds_of, midnight
from functions.domain.reconciliation.finding import Account, Finding, Tolerance

LONGEST_RUN = timedelta(minutes=20)
"""A line has the time at which its run began, and no call of the run is later than this."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call that the provider answered."""

    run: str
    model: str
    at: datetime
    usage: Usage


@dataclass(frozen=True, slots=True)
class _Call:
    """What one call is on either side; two that are equal are as good as one another."""

    run: str
    model: str
    tokens: tuple[int, ...]


def window(period: Period) -> tuple[datetime, datetime]:
    """From when until when the log is needed: a run of the last day may answer after midnight."""
    return midnight(period.first), midnight(period.end) + LONGEST_RUN


def lines_needed(period: Period) -> Period:
    """The days whose lines are needed: a call after midnight may be of a run from before."""
    return Period(period.first - timedelta(days=1), period.end)


def compare(
    period: Period,
    lines: Sequence[LedgerLine],
    logged: Sequence[LoggedCall],
    prices: PriceList,
    tolerance: Tolerance,
    models: Iterable[str] = (),
) -> Iterator[Finding]:
    """What the log says of each model."""
    begun = [line for line in lines if line.day in period]
    inside = [call for call in logged if call.at.astimezone(UTC).date() in period]
    books = Books.of(begun)
    charged = Counter(_charged(begun))
    lost = Counter(map(_logged, inside)) - Counter(_charged(lines))
    doubled = charged - Counter(map(_logged, logged))
    for model in sorted({*models, *books.models, *(call.model for call in inside)}):
        account = books.of_model(model, period)
        finding = Finding(source="logs", subject=model, period=period, ledger=account)
        if charged and not inside:
            yield replace(finding, reason="the log has no call of this zone in these days")
        else:
            counted = [call for call in inside if call.model == model]
            found = _differing(finding, counted, lost, doubled, prices)
            yield found.judged(tolerance)


def _differing(
    finding: Finding,
    counted: Sequence[LoggedCall],
    lost: Counter[_Call],
    doubled: Counter[_Call],
    prices: PriceList,
) -> Finding:
    model, first = finding.subject, finding.period.first
    lacking = [call for call in lost.elements() if call.model == model]
    excess = [call for call in doubled.elements() if call.model == model]
    usage = sum((call.usage for call in counted), Usage())
    try:
        rates = {kind: prices.of(model, midnight(first)).rate(kind) for kind in KINDS}
    except LookupError as error:
        return replace(finding, reason=str(error.args[0]))
    drift = sum(_worth(c, rates) for c in lacking) - sum(_worth(c, rates) for c in excess)
    total = _worth(_Call("", model, _tokens(usage)), rates)
    return replace(
        finding,
        provider=Account(
            usage=usage,
            calls=len(counted),
            cost_micro_usd=MicroUsd(-(-total // TOKENS_PER_PRICE)),
        ),
        drift_micro_usd=round(drift / TOKENS_PER_PRICE),
        lost=_runs(lacking),
        doubled=_runs(excess),
    )


def _charged(lines: Iterable[LedgerLine]) -> Iterator[_Call]:
    for line in lines:
        for call in line.calls:
            yield _Call(line.run, call.model, _tokens(call.usage))


def _logged(call: LoggedCall) -> _Call:
    return _Call(call.run, call.model, _tokens(call.usage))


def _tokens(usage: Usage) -> tuple[int, ...]:
    by_kind = kinds_of(usage)
    return tuple(by_kind[kind] for kind in KINDS)


def _worth(call: _Call, rates: dict[str, int]) -> int:
    return sum(n * rates[kind] for kind, n in zip(KINDS, call.tokens, strict=True))


def _runs(calls: Iterable[_Call]) -> tuple[str, ...]:
    return tuple(sorted({call.run for call in calls}))
