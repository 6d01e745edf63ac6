"""The ledger on DynamoDB: append-only lines, a partition for each team and month."""

from datetime import UTC
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.run import ModelCall, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


class DynamoLedger:
    """Implements :class:`functions.pipeline.ports.Ledger`."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def charge(self, run: Run, status: str) -> None:
        at = run.received_at.astimezone(UTC)
        line: dict[str, AttributeValueTypeDef] = {
            "pk": {"S": f"{run.team.name}#{at:%Y-%m}"},
            # A run that is delivered again and asks a model again has cost twice: two lines.
            "sk": {"S": f"{at.isoformat(timespec='microseconds')}#{run.id}"},
            "run": {"S": run.id},
            "agent": {"S": run.agent},
            "channel": {"S": run.channel},
            "status": {"S": status},
            "team": {"S": run.team.name},
            "business_unit": {"S": run.team.business_unit},
            "cost_centre": {"S": run.team.cost_centre},
            "workflow": {"S": run.workflow},
            "calls": {"L": [{"M": _call(call)} for call in run.meter.calls]},
            "cost_micro_usd": {"N": str(run.meter.cost_micro_usd)},
        }
        try:
            self._client.put_item(
                TableName=self._table, Item=line, ConditionExpression="attribute_not_exists(pk)"
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, "The ledger") from error


def _call(call: ModelCall) -> "dict[str, AttributeValueTypeDef]":
    tokens: dict[str, AttributeValueTypeDef] = {
        kind: {"N": str(count)} for kind, count in call.usage.model_dump().items()
    }
    return {
        "model": {"S": call.model},
        "answered_by": {"S": call.answered_by},
        "tokens": {"M": tokens},
        "cost_micro_usd": {"N": str(call.cost_micro_usd)},
        "latency_ms": {"N": str(call.latency_ms)},
    }
