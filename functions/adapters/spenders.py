"""Who may have lines in the ledger: whoever is registered, and whoever had a budget in the month.

A budget's item is made by the first run of the month and stays, so a team that has left since is
still found by it.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.ledger import Period

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The budgets"


class DynamoSpenders:
    """Implements :class:`functions.pipeline.ledger_ports.Spenders`."""

    def __init__(self, table: str, client: "DynamoDBClient", registered: Collection[str]) -> None:
        self._table = table
        self._client = client
        self._registered = registered

    def teams(self, month: Period) -> Collection[str]:
        wanted = f"{month.first:%Y-%m}"
        had = (key.rpartition("#") for key in self._budgets())
        return {*self._registered, *(team for team, _, period in had if period == wanted)}

    def _budgets(self) -> set[str]:
        """The keys of all budgets: a scan, but of few and small items."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table, ProjectionExpression="pk"
        )
        try:
            return {item["pk"]["S"] for page in pages for item in page["Items"]}
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error
