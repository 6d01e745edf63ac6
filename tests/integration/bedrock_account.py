"""An AWS account in which Bedrock answers by chance and keeps an account of its own.

What it counts it counts at the moment of answering, from its own response, and it publishes that as
Bedrock does: sums to CloudWatch, an entry for each call to the log of invocations.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from functions.domain.pricing import PriceList, Usage
from tests import fakes

GROUP = "/bedrock/invocations"
ERRORS = ("ThrottlingException", "ServiceUnavailableException", "InternalServerException")
FITS, UNFIT = '{"word": "hello"}', '{"word": 7}'
METRICS = {
    "inputTokens": "InputTokenCount",
    "outputTokens": "OutputTokenCount",
    "cacheReadInputTokens": "CacheReadInputTokenCount",
    "cacheWriteInputTokens": "CacheWriteInputTokenCount",
}


@dataclass
class BedrockAccount:
    """A Bedrock client of one method; ``chance`` decides how each call ends."""

    chance: random.Random
    at: datetime
    """When all of it happens: CloudWatch Logs takes no entry that is two weeks old."""
    answered: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    """Model, metadata and usage of every call that was answered, and so is billed."""
    ends: Counter[str] = field(default_factory=Counter)

    def converse(self, **request: Any) -> Any:
        end = self.chance.choices(
            ["fits", "unfit", "filtered", "cut", *ERRORS], [70, 12, 3, 3, 4, 4, 4]
        )[0]
        self.ends[end] += 1
        if end in ERRORS:
            raise ClientError({"Error": {"Code": end, "Message": ""}}, "Converse")
        usage = self._usage()
        self.answered.append((request["modelId"], request["requestMetadata"], usage))
        stop = {"filtered": "content_filtered", "cut": "max_tokens"}.get(end, "end_turn")
        text = UNFIT if end == "unfit" else FITS
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
            "stopReason": stop,
            "usage": usage,
            "metrics": {"latencyMs": 40},
        }

    def bill(self, prices: PriceList) -> int:
        """What all answers cost, each call rounded up, in micro-USD."""
        return sum(prices.of(m, self.at).cost(_usage(usage)) for m, _, usage in self.answered)

    def publish(self) -> None:
        """To CloudWatch and to the log, as Bedrock does by and by."""
        sums = Counter[tuple[str, str]]()
        for model, _, usage in self.answered:
            for name, metric in METRICS.items():
                sums[model, metric] += usage.get(name, 0)
        cloudwatch = boto3.client("cloudwatch")
        for (model, metric), total in sums.items():
            put_metric(cloudwatch, model, metric, total, self.at)
        self._log()

    def _log(self) -> None:
        logs = boto3.client("logs")
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName="aws/bedrock/modelinvocations")
        millis = int(self.at.timestamp() * 1000)
        entries: list[Any] = [
            {"timestamp": millis, "message": json.dumps(entry(*call))} for call in self.answered
        ]
        strange = entry(fakes.MODEL, {"app": "somebody else's"}, {"inputTokens": 5})
        entries.append({"timestamp": millis, "message": json.dumps(strange)})
        for start in range(0, len(entries), 1000):
            logs.put_log_events(
                logGroupName=GROUP,
                logStreamName="aws/bedrock/modelinvocations",
                logEvents=entries[start : start + 1000],
            )

    def _usage(self) -> dict[str, Any]:
        draw = self.chance.randrange
        usage: dict[str, Any] = {"inputTokens": draw(1, 5000), "outputTokens": draw(1, 900)}
        if self.chance.random() < 0.3:
            written, hour = draw(2000), draw(500)
            usage["cacheReadInputTokens"] = draw(9000)
            usage["cacheWriteInputTokens"] = written + hour
            usage["cacheDetails"] = [
                {"ttl": "1h", "inputTokens": hour},
                {"ttl": "5m", "inputTokens": written},
            ]
        return usage


def entry(model: str, metadata: dict[str, str], usage: dict[str, Any]) -> dict[str, Any]:
    """As Bedrock writes it, with text delivery on."""
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "operation": "Converse",
        "modelId": f"arn:aws:bedrock:eu-central-1:111122223333:inference-profile/{model}",
        "requestMetadata": metadata,
        "input": {
            "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": "secret"}]}]},
            "inputTokenCount": usage["inputTokens"],
            "cacheReadInputTokenCount": usage.get("cacheReadInputTokens", 0),
            "cacheWriteInputTokenCount": usage.get("cacheWriteInputTokens", 0),
        },
        "output": {"outputTokenCount": usage.get("outputTokens", 0)},
    }


def put_metric(client: Any, model: str, metric: str, value: float, at: datetime) -> None:
    client.put_metric_data(
        Namespace="AWS/Bedrock",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "ModelId", "Value": model}],
                "Timestamp": at,
                "Value": value,
            }
        ],
    )


def _usage(usage: dict[str, Any]) -> Usage:
    hour = sum(d["inputTokens"] for d in usage.get("cacheDetails", ()) if d["ttl"] == "1h")
    return Usage(
        input_tokens=usage["inputTokens"],
        output_tokens=usage["outputTokens"],
        cache_read_tokens=usage.get("cacheReadInputTokens", 0),
        cache_write_tokens=usage.get("cacheWriteInputTokens", 0) - hour,
        cache_write_hour_tokens=hour,
    )
