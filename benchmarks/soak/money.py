"""Whether the books are right: against the usage that the model reported, to the micro-dollar.

One thing is no fault: a worker that is killed after the model answered and before it settled leaves
a call that was paid and is on no line. It takes a kill, so there can be no more of them than kills;
what such a run was promised goes back with the sweeper.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.soak.check import Check, check, none_doubled, none_lost, where
from benchmarks.soak.plan import Plan
from benchmarks.soak.stores import Evidence, ModelCall

PriceOf = Callable[[ModelCall], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The same money by three accounts, in micro-USD."""

    spent: int
    """By the budgets."""
    ledger: int
    answered: int
    """By the model's own record and the price list."""
    unrecorded: int
    """Of which this was answered to workers that were killed before they could write it down."""
    unrecorded_calls: int
    promised: int


def checks(plan: Plan, seen: Evidence, price_of: PriceOf) -> list[Check]:
    """What became of the money."""
    return [*_lines(plan, seen, price_of), *_calls(seen), *_budgets(seen)]


def sums(seen: Evidence, price_of: PriceOf) -> Sums:
    lost = _unrecorded(seen)
    return Sums(
        spent=sum(budget.spent for budget in seen.budgets),
        ledger=sum(line.cost_micro_usd for line in seen.ledger),
        answered=sum(map(price_of, seen.asked)),
        unrecorded=sum(map(price_of, lost.elements())),
        unrecorded_calls=lost.total(),
        promised=sum(budget.promised for budget in seen.budgets),
    )


def _lines(plan: Plan, seen: Evidence, price_of: PriceOf) -> Iterable[Check]:
    charged = [line.job for line in seen.ledger]
    yield none_lost("every run is charged", plan.jobs, charged)
    yield none_doubled("no run is charged twice", charged)
    wrong = {n.job for n in seen.ledger if n.cost_micro_usd != sum(map(price_of, n.calls))}
    yield check("a line costs what its calls cost", "wrong", len(seen.ledger), wrong)


def _calls(seen: Evidence) -> Iterable[Check]:
    invented = Counter(_charged(seen)) - Counter(seen.asked)
    unrecorded = _unrecorded(seen)
    excess = [call.job for call in unrecorded.elements()] if unrecorded.total() > seen.kills else []
    names = {call.job for call in invented}
    yield check(
        "every charged call is one that the model answered", "wrong", len(seen.asked), names
    )
    yield check(
        "no more answers are uncharged than workers were killed", "lost", seen.kills, excess
    )


def _budgets(seen: Evidence) -> Iterable[Check]:
    ledger: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for line in seen.ledger:
        ledger[line.team] += line.cost_micro_usd
    for budget in seen.budgets:
        spent[budget.team] += budget.spent
    teams = ledger.keys() | spent.keys()
    yield where("spent is the sum of the ledger", teams, lambda t: ledger[t] != spent[t])
    uneven = (b.team for b in seen.budgets if b.available + b.spent + b.promised != b.limit)
    yield check("available + spent + promised = limit", "wrong", len(seen.budgets), uneven)
    held = (budget.team for budget in seen.budgets if budget.promised)
    yield check("nothing stays promised to the dead", "wrong", len(seen.budgets), held)


def _charged(seen: Evidence) -> Iterable[ModelCall]:
    return (call for line in seen.ledger for call in line.calls)


def _unrecorded(seen: Evidence) -> Counter[ModelCall]:
    return Counter(seen.asked) - Counter(_charged(seen))
