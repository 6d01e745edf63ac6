"""The slots of each team's runs on DynamoDB: one item for each team and month.

``due`` is when the team's next slot begins, in milliseconds. Booking a slot is one conditional
write, or two when a team turns from busy to idle or back.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.domain.budget import period
from functions.domain.errors import StoreUnavailable
from functions.domain.pace import MILLIS, Slot, apart_millis
from functions.domain.team import Limits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The teams' pace"
KEPT = timedelta(days=40)
"""Longer than any month, so that a quota is counted to its end."""
TRIES = 6


class DynamoPace:
    """Implements :class:`functions.pipeline.ports.Pace`."""

    def __init__(self, table: str, client: "DynamoDBClient", now: Callable[[], datetime]) -> None:
        self._table = table
        self._client = client
        self._now = now
        self._busy: set[str] = set()
        """Teams whose last slot was not due at once: their next one will hardly be."""

    def book(self, team: str, limits: Limits) -> Slot:
        apart = apart_millis(limits)
        busy = team in self._busy
        for _ in range(TRIES):
            now = self._now()
            update = _after_the_last(now, apart) if busy else _from_now(now, apart)
            booked = self._update(team, now, update)
            if booked is not None:
                (self._busy.add if busy else self._busy.discard)(team)
                return Slot(int(booked["due"]["N"]) - apart, int(booked["runs"]["N"]))
            busy = not busy
        msg = f"{WHAT} keeps changing; try again."
        raise StoreUnavailable(msg, retry_after_seconds=1)

    def _update(self, team: str, now: datetime, update: dict[str, Any]) -> dict[str, Any] | None:
        """The item as it is now, or None when the team was idle where it should be busy, or so."""
        try:
            return self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": f"{team}#{period(now)}"}},
                ReturnValues="ALL_NEW",
                **update,
            )["Attributes"]
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return None
            raise store_error(error, WHAT) from error
        except BotoCoreError as error:
            raise store_error(error, WHAT) from error


def _from_now(now: datetime, apart: int) -> dict[str, Any]:
    """The next slot of a team that was idle begins now."""
    return {
        "UpdateExpression": "SET due = :next, expiration = :expiration ADD runs :one",
        "ConditionExpression": "attribute_not_exists(due) OR due < :now",
        "ExpressionAttributeValues": {
            ":now": _number(_millis(now)),
            ":next": _number(_millis(now) + apart),
            ":expiration": _number(int((now.astimezone(UTC) + KEPT).timestamp())),
            ":one": _number(1),
        },
    }


def _after_the_last(now: datetime, apart: int) -> dict[str, Any]:
    """The next slot of a team that is busy begins where its last one ends."""
    return {
        "UpdateExpression": "SET due = due + :apart ADD runs :one",
        "ConditionExpression": "due >= :now",
        "ExpressionAttributeValues": {
            ":now": _number(_millis(now)),
            ":apart": _number(apart),
            ":one": _number(1),
        },
    }


def _millis(at: datetime) -> int:
    return int(at.timestamp() * MILLIS)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
