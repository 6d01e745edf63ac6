"""The housekeeping of budgets: what dead runs left promised, and thresholds that nobody was told.

A promise names the minute by which its run cannot be alive; when that minute has passed, what is
still promised in it is nobody's, and goes back.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.domain.budget import Balance
from functions.domain.budget_items import OPEN, TOLD, Item, balances, promises
from functions.domain.names import MicroUsd

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The budgets"


class DynamoSweep:
    """Looks through all budgets; each closed minute is taken out of its item by one write."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def give_back(self, now: datetime) -> MicroUsd:
        """What went back to all teams together, in micro-USD."""
        minute = f"{OPEN}{now.astimezone(UTC):%Y%m%d%H%M}"
        total = 0
        for item in self._items():
            closed = {name: left for name, left in promises(item).items() if name < minute}
            for name, left in closed.items():
                total += left if self._take_out(item, name, left) else 0
        return MicroUsd(total)

    def balances(self) -> Iterator[Balance]:
        """Every limit of every team, its shards added up."""
        yield from balances(self._items())

    def told(self, balance: Balance, threshold: int) -> None:
        """Remember that a threshold was told; the first shard keeps that for all."""
        self._update(
            {"pk": {"S": f"{balance.team}#{balance.period}"}, "sk": {"S": f"{balance.scope}#0"}},
            UpdateExpression=f"ADD {TOLD} :threshold",
            ExpressionAttributeValues={":threshold": {"NS": [str(threshold)]}},
        )

    def _items(self) -> Iterator[Item]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table, ConsistentRead=True
        )
        try:
            for page in pages:
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def _take_out(self, item: Item, name: str, left: int) -> bool:
        """Whether it was still so: another sweep may have been quicker."""
        return self._update(
            {"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET available = available + :left REMOVE #open",
            ConditionExpression="#open = :left",
            ExpressionAttributeNames={"#open": name},
            ExpressionAttributeValues={":left": {"N": str(left)}},
        )

    def _update(self, key: Item, **update: Any) -> bool:
        try:
            self._client.update_item(TableName=self._table, Key=key, **update)
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise store_error(error, WHAT) from error
        except BotoCoreError as error:
            raise store_error(error, WHAT) from error
        return True
