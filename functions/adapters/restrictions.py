"""Restrictions of teams, as marks on the month's budgets in DynamoDB.

The write that promises money refuses on a mark, so a restriction takes effect with the next run,
costs no run a further read, and is gone when another month's items are written.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of, store_error
from functions.domain.budget import Restricting
from functions.domain.budget_items import DOWNGRADED, LIFTED, SUSPENDED
from functions.domain.restriction import Restriction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WHAT = "The budgets"
MARKS: dict[Restricting, str] = {"suspend": SUSPENDED, "downgrade": DOWNGRADED}


class DynamoRestrictions:
    """Implements :class:`functions.pipeline.ports.Restrictions`."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._client = client

    def place(self, restriction: Restriction, shards: int) -> bool:
        # Every shard is marked, also if the first one was: the last try may have ended in between.
        marked = [self._mark(restriction, shard) for shard in range(shards)]
        return any(marked)

    def _mark(self, wanted: Restriction, shard: int) -> bool:
        mark = MARKS[wanted.action]
        try:
            self._client.update_item(
                TableName=self._table,
                Key={
                    "pk": {"S": f"{wanted.team}#{wanted.period}"},
                    "sk": {"S": f"{wanted.scope}#{shard}"},
                },
                UpdateExpression="SET #mark = :percent",
                # What somebody has lifted at this percentage stays lifted.
                ConditionExpression=(
                    "(attribute_not_exists(#mark) OR #mark = :percent)"
                    " AND (attribute_not_exists(#lifted) OR #lifted < :percent)"
                ),
                ExpressionAttributeNames={"#mark": mark, "#lifted": LIFTED},
                ExpressionAttributeValues={":percent": {"N": str(wanted.percent)}},
            )
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise store_error(error, WHAT) from error
        except BotoCoreError as error:
            raise store_error(error, WHAT) from error
        return True
