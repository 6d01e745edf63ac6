"""The calls that Amazon Bedrock answered, from its log of model invocations in CloudWatch Logs.

An entry may hold the prompt and the answer, if whoever switched the log on wanted them. Of each,
five numbers and two names are taken, and nothing else is kept, shown or written anywhere. Entries
of other callers in the account do not carry this zone's metadata and are left out by the service.
https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import code_of
from functions.adapters.bedrock_metrics import end_of_arn
from functions.domain.pricing import Usage
from functions.domain.reconciliation.by_logs import LoggedCall
from functions.domain.reconciliation.finding import CannotRead

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

MISSING = "ResourceNotFoundException"


class CloudWatchCallLog:
    """Implements :class:`functions.pipeline.reconcile.CallLog`."""

    def __init__(
        self,
        client: "CloudWatchLogsClient",
        group: str,
        zone: str,
        model_of: Callable[[str], str] = end_of_arn,
    ) -> None:
        self._client = client
        self._group = group
        self._zone = zone
        self._model_of = model_of

    def calls(self, first: datetime, end: datetime) -> list[LoggedCall]:
        return [
            call
            for event in self._events(first, end)
            if (call := self._call(event["message"], event["timestamp"], first.tzinfo))
        ]

    def _events(self, first: datetime, end: datetime) -> Iterator[Any]:
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._group,
            startTime=_millis(first),
            endTime=_millis(end) - 1,
            filterPattern=f'{{ $.requestMetadata.zone = "{self._zone}" }}',
        )
        try:
            for page in pages:
                yield from page["events"]
        except ClientError as error:
            raise CannotRead(self._refused(code_of(error))) from error
        except BotoCoreError as error:
            msg = f"CloudWatch Logs cannot be read ({type(error).__name__})"
            raise CannotRead(msg) from error

    def _refused(self, code: str) -> str:
        if code == MISSING:
            return (
                f"there is no log group {self._group}; switch Bedrock's model invocation logging "
                "on, or take invocation_logs out of zones.toml"
            )
        return f"CloudWatch Logs refused to show {self._group} ({code})"

    def _call(self, message: str, millis: int, zone: Any) -> LoggedCall | None:
        """The call that an entry tells of; none for one that failed or is somebody else's."""
        try:
            entry = json.loads(message)
            metadata = entry.get("requestMetadata", {})
            if metadata.get("zone") != self._zone or entry.get("errorCode"):
                return None
            given = entry["input"]
            return LoggedCall(
                run=str(metadata["run"]),
                model=self._model_of(str(entry["modelId"])),
                at=datetime.fromtimestamp(millis / 1000, zone),
                usage=Usage(
                    input_tokens=given.get("inputTokenCount", 0),
                    output_tokens=entry["output"].get("outputTokenCount", 0),
                    cache_read_tokens=given.get("cacheReadInputTokenCount", 0),
                    cache_write_tokens=given.get("cacheWriteInputTokenCount", 0),
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            # Not the entry's own words: they may hold a prompt.
            msg = f"an entry of {self._group} is not one that Bedrock is known to write"
            raise CannotRead(msg) from None


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
