"""Reads the ledger: the one way to lines that were written, by team and time.

A team's month is a partition and a line's time its sort key, so nothing is scanned, and a day of a
busy month is read without the rest of it. Pages come one after the other: however many lines there
are, one page of them is in memory.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.ledger import UNKNOWN, LedgerCall, LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The ledger"
Item = dict[str, Any]


class DynamoLedger:
    """Implements :class:`functions.pipeline.ledger_ports.Ledger`."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def lines(self, team: str, period: Period) -> Iterator[LedgerLine]:
        """The team's lines of these days, in the order of their time.

        Raises:
            StoreUnavailable: the ledger cannot be reached.
        """
        for month in period.months():
            yield from map(read_line, self._items(team, month))

    def _items(self, team: str, part: Period) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :team AND sk BETWEEN :first AND :end",
            ExpressionAttributeValues={
                ":team": {"S": f"{team}#{part.first:%Y-%m}"},
                # No line has a sort key that is a date alone, so the end itself is never met.
                ":first": {"S": _bound(part.first)},
                ":end": {"S": _bound(part.end)},
            },
        )
        try:
            for page in pages:
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error


def read_line(item: Item) -> LedgerLine:
    """What ``lines.ledger_put`` wrote, also before lines said as much as they do now."""
    time, _, _ = item["sk"]["S"].partition("#")
    return LedgerLine(
        time=datetime.fromisoformat(time),
        run=item["run"]["S"],
        team=item["team"]["S"],
        business_unit=item["business_unit"]["S"],
        cost_centre=item["cost_centre"]["S"],
        workflow=item["workflow"]["S"],
        agent=item["agent"]["S"],
        channel=item["channel"]["S"],
        status=item["status"]["S"],
        cache=_text(item, "cache") or UNKNOWN,
        zone=_text(item, "zone") or UNKNOWN,
        region=_text(item, "region") or UNKNOWN,
        event=_text(item, "event"),
        calls=tuple(_call(call["M"]) for call in item["calls"]["L"]),
        cost_micro_usd=MicroUsd(int(item["cost_micro_usd"]["N"])),
    )


def _call(item: Item) -> LedgerCall:
    return LedgerCall(
        model=item["model"]["S"],
        answered_by=item["answered_by"]["S"],
        usage=Usage(**{kind: int(n["N"]) for kind, n in item["tokens"]["M"].items()}),
        cost_micro_usd=MicroUsd(int(item["cost_micro_usd"]["N"])),
        latency_ms=int(item["latency_ms"]["N"]),
        price_since=_text(item, "price_since") or UNKNOWN,
    )


def _text(item: Item, name: str) -> str | None:
    found = item.get(name)
    return found["S"] if found else None


def _bound(day: date) -> str:
    return day.isoformat()
