"""The housekeeping of budgets: what dead runs left promised, and thresholds that nobody was told.

A promise names the minute by which its run cannot be alive; when that minute has passed, what is
still promised in it is nobody's, and goes back.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.adapters.lines import OPEN, REFUSED, TOLD
from functions.domain.budget import Balance
from functions.domain.names import MicroUsd

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The budgets"
Item = dict[str, Any]


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
            closed = {name: left for name, left in _promises(item).items() if name < minute}
            for name, left in closed.items():
                total += left if self._take_out(item, name, left) else 0
        return MicroUsd(total)

    def balances(self) -> Iterator[Balance]:
        """Every limit of every team, its shards added up."""
        for (pk, scope), items in groupby(sorted(self._items(), key=_limit_of), key=_limit_of):
            team, _, period = pk.rpartition("#")
            yield _balance(team, period, scope, list(items))

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


def _limit_of(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"].rpartition("#")[0]


def _promises(item: Item) -> dict[str, int]:
    return {name: int(value["N"]) for name, value in item.items() if name.startswith(OPEN)}


def _balance(team: str, period: str, scope: str, shards: list[Item]) -> Balance:
    def total(name: str) -> MicroUsd:
        return MicroUsd(sum(int(item[name]["N"]) for item in shards if name in item))

    told = [threshold for item in shards for threshold in item.get(TOLD, {}).get("NS", [])]
    return Balance(
        team=team,
        period=period,
        scope=scope,
        limit=total("limit"),
        spent=total("spent"),
        promised=MicroUsd(sum(sum(_promises(item).values()) for item in shards)),
        refused=any(REFUSED in item for item in shards),
        told=frozenset(int(threshold) for threshold in told),
    )
