"""Records of accepted runs on DynamoDB; the team is in the key, so no other team can name one."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.adapters.memory import MOST_ITEM_BYTES, Objects
from functions.domain.errors import NotFound
from functions.domain.names import JsonObject
from functions.domain.record import RunRecord
from functions.domain.run import Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The run's record"
LIFETIME = timedelta(days=7)
Item = dict[str, Any]


class DynamoRecords:
    """Implements :class:`functions.pipeline.ports.Records`."""

    def __init__(self, table: str, client: "DynamoDBClient", objects: Objects) -> None:
        self._table = table
        self._client = client
        self._objects = objects

    def accept(self, record: RunRecord) -> RunRecord:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item(record),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            return self._read(_refused(error))
        except BotoCoreError as error:
            raise store_error(error, WHAT) from error
        return record

    def find(self, team: str, run_id: str) -> RunRecord | None:
        try:
            found = self._client.get_item(
                TableName=self._table, Key=_key(team, run_id), ConsistentRead=True
            ).get("Item")
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error
        return self._read(found) if found else None

    def begin(self, team: str, run_id: str, at: datetime) -> RunRecord:
        try:
            begun = self._client.update_item(
                TableName=self._table,
                Key=_key(team, run_id),
                UpdateExpression="SET #status = :running, changed_at = :at REMOVE problem",
                ConditionExpression="attribute_exists(pk) AND #status <> :succeeded",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":running": {"S": "running"},
                    ":succeeded": {"S": "succeeded"},
                    ":at": {"S": at.isoformat()},
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )["Attributes"]
        except ClientError as error:
            begun = _refused(error)
        except BotoCoreError as error:
            raise store_error(error, WHAT) from error
        return self._read(begun)

    def succeed(self, record: RunRecord, outcome: Outcome, at: datetime) -> None:
        text = outcome.model_dump_json()
        # What was asked is not needed any more, and it may be about people.
        result = {"order": record.order.model_copy(update={"input": {}}).model_dump_json()}
        if len(text.encode()) <= MOST_ITEM_BYTES:
            result["outcome"] = text
        else:
            result["object"] = f"{record.agent}/{record.id}.json"
            self._objects.put(result["object"], text)
        self._end(record, at, {"status": "succeeded", **result})

    def fail(self, record: RunRecord, problem: JsonObject, at: datetime) -> None:
        self._end(record, at, {"status": "failed", "problem": json.dumps(problem)})

    def _end(self, record: RunRecord, at: datetime, result: dict[str, str]) -> None:
        fields = result | {"changed_at": at.isoformat()}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(record.team, record.id),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in fields),
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={f"#{name}": name for name in fields},
                ExpressionAttributeValues={f":{name}": {"S": t} for name, t in fields.items()},
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def _read(self, item: Item) -> RunRecord:
        fields: JsonObject = {name: value["S"] for name, value in item.items() if "S" in value}
        fields["team"], _, fields["id"] = fields.pop("pk").rpartition("#")
        name = fields.pop("object", None)
        outcome = self._objects.get(name) if name else fields.pop("outcome", None)
        fields["outcome"] = json.loads(outcome) if outcome else None
        for part in {"order", "problem"} & fields.keys():
            fields[part] = json.loads(fields[part])
        return RunRecord.model_validate(fields)


def _item(record: RunRecord) -> Item:
    """As it is accepted."""
    fields = record.model_dump(mode="json", include={"agent", "status", "digest"})
    fields["order"] = record.order.model_dump_json()
    for name in ("accepted_at", "changed_at"):
        fields[name] = getattr(record, name).isoformat()
    expires = int((record.accepted_at + LIFETIME).timestamp())
    item = {name: {"S": value} for name, value in fields.items()}
    return {**_key(record.team, record.id), **item, "expiration": {"N": str(expires)}}


def _key(team: str, run_id: str) -> Item:
    return {"pk": {"S": f"{team}#{run_id}"}}


def _refused(error: ClientError) -> Item:
    """The item that is there and refused the write.

    Raises:
        NotFound: there is none.
        StoreUnavailable: that was not why the write failed.
    """
    if code_of(error) != "ConditionalCheckFailedException":
        raise store_error(error, WHAT) from error
    item: Item | None = error.response.get("Item")  # type: ignore[assignment]  # botocore types it without
    if item is None:
        msg = "The run has no record any more."
        raise NotFound(msg) from None
    return item
