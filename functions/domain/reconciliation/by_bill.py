"""What each business unit was charged against what AWS billed for its inference profiles."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from functions.domain.bedrock_tags import tag
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.reconciliation.books import Books
from functions.domain.reconciliation.finding import Account, Finding, Tolerance

BUSINESS_UNIT_TAG = "gatehouse:business-unit"
"""On inference profiles only, so that no other cost of the gatehouse is counted with the models'"""
LATE = timedelta(days=2)
"""Cost Explorer has a day's cost by then."""
NOT_ACTIVATED = (
    f"Cost Explorer knows no cost by the tag {BUSINESS_UNIT_TAG} in these days; activate it as a "
    "cost allocation tag in the billing console, and wait for a day"
)


def compare(
    period: Period,
    books: Books,
    billed: Mapping[str, int],
    units: Collection[str],
    tolerance: Tolerance,
) -> Iterator[Finding]:
    """What the bill says of each business unit; ``billed`` has micro-USD by the tag's value."""
    charged = dict.fromkeys(sorted(map(tag, units)), 0)
    for unit in units:
        charged[tag(unit)] += books.of_business_unit(unit, period)
    for unit, cost in charged.items():
        finding = Finding(
            source="bill",
            subject=unit,
            period=period,
            ledger=Account(calls=None, cost_micro_usd=MicroUsd(cost)),
        )
        if any(charged.values()) and not billed:
            yield replace(finding, reason=NOT_ACTIVATED)
        else:
            paid = MicroUsd(billed.get(unit, 0))
            account = Account(calls=None, cost_micro_usd=paid)
            yield replace(finding, provider=account, drift_micro_usd=paid - cost).judged(tolerance)
