"""Events on the topic of a running stack: publish one, and wait for its answer."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.show import DEMO, dollars
from local.aws import Aws
from local.state import Running

PATIENCE_SECONDS = 90.0
POLL_SECONDS = 1


def event(type_: str, *, team: str, workflow: str, data: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent as a producer would write it, beginning a trace of its own."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/gatehouse/cli",
        "type": type_,
        "time": datetime.now(UTC).isoformat(),
        "datacontenttype": "application/json",
        "team": team,
        "workflow": workflow,
        "traceparent": f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01",
        "data": data,
    }


@dataclass(frozen=True, slots=True)
class Answers:
    """A queue that gets the events of one type."""

    sqs: Any
    url: str

    def answer_to(self, event_id: str) -> dict[str, Any] | None:
        """The event that another one caused, or nothing when none came in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            got = self.sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=POLL_SECONDS
            )
            for message in got.get("Messages", []):
                found: dict[str, Any] = json.loads(message["Body"])
                if found.get("causationid") == event_id:
                    return found
        return None


class Bus:
    """The topic of a running stack."""

    def __init__(self, running: Running) -> None:
        aws = Aws(running.aws_url, running.region)
        self._sns, self._sqs = aws.client("sns"), aws.client("sqs")
        self._topic = running.events_topic

    def publish(self, sent: dict[str, Any]) -> None:
        self._sns.publish(
            TopicArn=self._topic,
            Message=json.dumps(sent),
            MessageAttributes={
                "type": {"DataType": "String", "StringValue": sent["type"]},
                "team": {"DataType": "String", "StringValue": sent["team"]},
            },
        )

    @contextmanager
    def listening(self, type_: str) -> Iterator[Answers]:
        """A subscription for as long as the block runs."""
        url = self._sqs.create_queue(QueueName=f"listener-{uuid.uuid4().hex}")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        subscription = self._sns.subscribe(
            TopicArn=self._topic,
            Protocol="sqs",
            Endpoint=found["Attributes"]["QueueArn"],
            Attributes={
                "RawMessageDelivery": "true",
                "FilterPolicy": json.dumps({"type": [type_]}),
            },
            ReturnSubscriptionArn=True,
        )
        try:
            yield Answers(self._sqs, url)
        finally:
            self._sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
            self._sqs.delete_queue(QueueUrl=url)


def spent(running: Running, answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Model, tokens and cost of the run that made an event, from the ledger."""
    table = next(name for name in running.tables if "ledger" in name.lower())
    month = f"{answer['team']}#{datetime.now(UTC):%Y-%m}"
    lines = (
        Aws(running.aws_url, running.region)
        .client("dynamodb")
        .query(
            TableName=table,
            KeyConditionExpression="pk = :month",
            FilterExpression="run = :run",
            ExpressionAttributeValues={":month": {"S": month}, ":run": {"S": answer["runid"]}},
        )["Items"]
    )
    if not lines:
        return []
    model_calls = [call["M"] for call in lines[-1]["calls"]["L"]]
    tokens = [{k: int(v["N"]) for k, v in call["tokens"]["M"].items()} for call in model_calls]
    asked, by = model_calls[-1]["model"]["S"], model_calls[-1]["answered_by"]["S"]
    name = by if by == asked else f"{by}, standing in for {asked}"
    return [
        ("model", f"{name} ({DEMO})" if running.model.get("demo") else name),
        (
            "tokens",
            (
                f"{sum(t['input_tokens'] for t in tokens)} in, "
                f"{sum(t['output_tokens'] for t in tokens)} out"
            ),
        ),
        ("cost", dollars(int(lines[-1]["cost_micro_usd"]["N"]))),
    ]
