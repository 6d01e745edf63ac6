"""Gives back what dead runs left promised, budget by budget.

A promise names the minute by which its run cannot be alive; when that minute has passed, what is
still promised in it is nobody's.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.adapters.lines import OPEN
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
        for item in self._budgets():
            closed = {
                name: int(value["N"])
                for name, value in item.items()
                if name.startswith(OPEN) and name < minute
            }
            for name, left in closed.items():
                total += left if self._take_out(item, name, left) else 0
        return MicroUsd(total)

    def _budgets(self) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        try:
            for page in pages:
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def _take_out(self, item: dict[str, Any], name: str, left: int) -> bool:
        """Whether it was still so: another sweep may have been quicker."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET available = available + :left REMOVE #open",
                ConditionExpression="#open = :left",
                ExpressionAttributeNames={"#open": name},
                ExpressionAttributeValues={":left": {"N": str(left)}},
            )
        except (ClientError, BotoCoreError) as error:
            if (
                isinstance(error, ClientError)
                and code_of(error) == "ConditionalCheckFailedException"
            ):
                return False
            raise store_error(error, WHAT) from error
        return True
