"""Earlier answers on DynamoDB; the team is in the partition key."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from functions.domain.cache import CachedAnswer, CacheKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoCache:
    """Implements :class:`functions.pipeline.ports.Cache`; its writes go with the settlement."""

    def __init__(self, table: str, client: "DynamoDBClient", logger: Logger) -> None:
        self._table = table
        self._client = client
        self._logger = logger

    def find(self, key: CacheKey) -> CachedAnswer | None:
        try:
            found = self._client.get_item(TableName=self._table, Key=_key(key)).get("Item")
        except (ClientError, BotoCoreError) as error:
            self._logger.warning("the cache cannot be read", error=type(error).__name__)
            return None
        return _answer(found) if found else None


def cache_item(table: str, key: CacheKey, answer: CachedAnswer) -> dict[str, Any]:
    """The write that keeps an answer, as part of a transaction."""
    item = {
        **_key(key),
        "text": {"S": answer.text},
        "model": {"S": answer.model},
        "answered_by": {"S": answer.answered_by},
        "made_at": {"S": answer.made_at.astimezone(UTC).isoformat()},
        "fresh_until": {"S": answer.fresh_until.astimezone(UTC).isoformat()},
        "stale_until": {"S": answer.stale_until.astimezone(UTC).isoformat()},
        "expiration": {"N": str(int(answer.stale_until.timestamp()))},
    }
    return {"Put": {"TableName": table, "Item": item}}


def _key(key: CacheKey) -> dict[str, Any]:
    return {"pk": {"S": f"{key.team}#{key.digest}"}}


def _answer(item: Any) -> CachedAnswer:
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    return CachedAnswer(
        text=text["text"],
        model=text["model"],
        answered_by=text["answered_by"],
        made_at=datetime.fromisoformat(text["made_at"]),
        fresh_until=datetime.fromisoformat(text["fresh_until"]),
        stale_until=datetime.fromisoformat(text["stale_until"]),
    )
