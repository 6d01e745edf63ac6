"""Sums of closed days on DynamoDB.

    pk helpdesk#2026-11   sk 2026-11-02                 the day is closed
    pk helpdesk#2026-11   sk 2026-11-02#<digest>        one sum of that day
    pk teams#2026-11      sk helpdesk                   who spent something in the month
    pk days#2026-11       sk 2026-11-02                 closed for all teams, and exported

A day counts from the moment its marker is there, and the marker is written last: sums that a dead
function left without one are not read. Keys follow from what is summed, so closing a day again
writes over what stands there.
"""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.errors import StoreUnavailable
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.usage import DIMENSIONS, ClosedDays, Part, Row, Sum

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The sums of closed days"
AT_ONCE = 25
"""DynamoDB takes no more writes in one batch."""
TRIES = 6
Item = dict[str, Any]


class DynamoRollups:
    """Implements :class:`functions.pipeline.ledger_ports.Rollups`."""

    def __init__(
        self, table: str, client: "DynamoDBClient", *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._table = table
        self._client = client
        self._pause = pause

    def closed(self, team: str, month: Period) -> ClosedDays:
        items = list(self._items(f"{team}#{month.first:%Y-%m}", *_bounds(month)))
        days = frozenset(_day(item) for item in items if "sum" not in item)
        rows = [_row(item) for item in items if "sum" in item and _day(item) in days]
        return ClosedDays(days, rows)

    def teams(self, month: Period) -> Collection[str]:
        items = self._items(f"teams#{month.first:%Y-%m}", " ", "~")
        return [item["sk"]["S"] for item in items]

    def days(self, month: Period) -> Collection[date]:
        return {_day(item) for item in self._items(f"days#{month.first:%Y-%m}", *_bounds(month))}

    def finish(self, day: date) -> None:
        self._write([{"pk": {"S": f"days#{day:%Y-%m}"}, "sk": {"S": str(day)}}])

    def close(self, team: str, day: date, sums: Mapping[Part, Sum]) -> None:
        key = f"{team}#{day:%Y-%m}"
        rows = [_item(key, part, amount) for part, amount in sums.items()]
        if rows:
            rows.append({"pk": {"S": f"teams#{day:%Y-%m}"}, "sk": {"S": team}})
        self._write(rows)
        self._write([{"pk": {"S": key}, "sk": {"S": str(day)}}])

    def _items(self, key: str, first: str, last: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :key AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":key": {"S": key},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        )
        try:
            for page in pages:
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def _write(self, items: Sequence[Item]) -> None:
        for begin in range(0, len(items), AT_ONCE):
            self._put([{"PutRequest": {"Item": i}} for i in items[begin : begin + AT_ONCE]])

    def _put(self, left: list[Any]) -> None:
        """One batch; what DynamoDB did not take comes again, a little later each time."""
        for attempt in range(TRIES):
            try:
                done = self._client.batch_write_item(RequestItems={self._table: left})
            except (ClientError, BotoCoreError) as error:
                raise store_error(error, WHAT) from error
            left = done.get("UnprocessedItems", {}).get(self._table, [])
            if not left:
                return
            self._pause(0.1 * 2**attempt)
        msg = f"{WHAT} could not all be written; the next run writes them again."
        raise StoreUnavailable(msg, retry_after_seconds=60)


def _bounds(month: Period) -> tuple[str, str]:
    """From the first day's marker to the last day's last sum."""
    last = month.end - timedelta(days=1)
    return str(month.first), f"{last}$"


def _item(key: str, part: Part, amount: Sum) -> Item:
    text = json.dumps([str(getattr(part, name)) for name in DIMENSIONS])
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    return {
        "pk": {"S": key},
        "sk": {"S": f"{part.day}#{digest}"},
        **{name: {"S": str(getattr(part, name))} for name in DIMENSIONS},
        "sum": {
            "M": {
                "runs": _number(amount.runs),
                "calls": _number(amount.calls),
                "cost_micro_usd": _number(amount.cost_micro_usd),
                "tokens": {"M": {k: _number(n) for k, n in amount.usage.model_dump().items()}},
            }
        },
    }


def _row(item: Item) -> Row:
    amount = item["sum"]["M"]
    named = {name: item[name]["S"] for name in DIMENSIONS}
    return (
        Part(**named | {"day": date.fromisoformat(named["day"])}),
        Sum(
            runs=int(amount["runs"]["N"]),
            calls=int(amount["calls"]["N"]),
            usage=Usage(**{kind: int(n["N"]) for kind, n in amount["tokens"]["M"].items()}),
            cost_micro_usd=MicroUsd(int(amount["cost_micro_usd"]["N"])),
        ),
    )


def _day(item: Item) -> date:
    return date.fromisoformat(item["sk"]["S"].partition("#")[0])


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
