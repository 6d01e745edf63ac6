"""Usage as it is told: as JSON with its totals, or as a table of CSV."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from functions.domain import spreadsheet
from functions.domain.names import JsonObject
from functions.domain.pricing import Usage
from functions.domain.usage import CURRENCY, Group, Sum, dollars, total
from functions.domain.usage_query import UsageQuery

KINDS = tuple(Usage().by_kind())
MEASURES = ("runs", "calls", *(f"{kind}_tokens" for kind in KINDS), "cost_micro_usd", "cost_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The sums of one question, of one region's books."""

    query: UsageQuery
    zone: str
    region: str
    final_before: date
    """The days before this one are over: nothing is added to them any more."""
    sums: Mapping[Group, Sum]

    def shown(self) -> JsonObject:
        query = self.query
        return {
            "from": str(query.period.first),
            "to": str(query.period.end),
            "team": query.team,
            "zone": self.zone,
            "region": self.region,
            "final_before": str(self.final_before),
            "currency": CURRENCY,
            "group_by": list(query.group_by),
            "groups": [
                {**dict(zip(query.group_by, group, strict=True)), **amount.shown()}
                for group, amount in self.sums.items()
            ],
            "total": total(self.sums.values()).shown(),
        }

    def table(self) -> str:
        """One line for each group, and none for the total: a spreadsheet adds up by itself."""
        header = (*self.query.group_by, *MEASURES)
        rows = ((*group, *_measures(amount)) for group, amount in self.sums.items())
        return spreadsheet.write(header, rows)

    @property
    def file_name(self) -> str:
        period = self.query.period
        return f"usage-{self.zone}-{self.region}-{period.first}-{period.end}.csv"


def _measures(amount: Sum) -> tuple[int | str, ...]:
    return (
        amount.runs,
        amount.calls,
        *amount.usage.by_kind().values(),
        amount.cost_micro_usd,
        dollars(amount.cost_micro_usd),
    )
