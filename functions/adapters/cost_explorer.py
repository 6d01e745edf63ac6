"""What AWS billed for the inference profiles of each business unit, from Cost Explorer.

It can tell them apart by one tag, which is on inference profiles alone. It says nothing of models
that were called by their own ids, and charges one cent for each question.
"""

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.reconciliation.by_bill import BUSINESS_UNIT_TAG
from functions.domain.reconciliation.finding import MICRO_USD_PER_USD, CannotRead

if TYPE_CHECKING:
    from mypy_boto3_ce import CostExplorerClient

COST = "UnblendedCost"
DOLLARS = "USD"


class CostExplorerBill:
    """Implements :class:`functions.pipeline.reconcile.Bill`."""

    def __init__(self, client: "CostExplorerClient", region: str) -> None:
        self._client = client
        self._region = region

    def by_business_unit(self, period: Period) -> dict[str, MicroUsd]:
        try:
            found = self._client.get_cost_and_usage(
                TimePeriod={"Start": period.first.isoformat(), "End": period.end.isoformat()},
                Granularity="MONTHLY",
                Metrics=[COST],
                Filter={"Dimensions": {"Key": "REGION", "Values": [self._region]}},
                GroupBy=[{"Type": "TAG", "Key": BUSINESS_UNIT_TAG}],
            )
        except (ClientError, BotoCoreError) as error:
            why = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            msg = f"Cost Explorer cannot be asked ({why})"
            raise CannotRead(msg) from error
        if found.get("NextPageToken"):
            msg = "Cost Explorer has more business units than fit into one answer"
            raise CannotRead(msg)
        billed: dict[str, Decimal] = defaultdict(Decimal)
        for group in (group for part in found["ResultsByTime"] for group in part["Groups"]):
            cost = group["Metrics"][COST]
            if cost["Unit"] != DOLLARS:
                msg = f"Cost Explorer counts in {cost['Unit']}, and the ledger in US dollars"
                raise CannotRead(msg)
            # A group is named "<tag>$<value>"; without a value it is everything else.
            if value := group["Keys"][0].partition("$")[2]:
                billed[value] += Decimal(cost["Amount"])
        return {unit: MicroUsd(round(usd * MICRO_USD_PER_USD)) for unit, usd in billed.items()}
