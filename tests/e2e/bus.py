"""The topic of the running stack, as a producer and a consumer see it."""

import json
from typing import Any

from cli.events import event as written
from functions.domain.names import UNASSIGNED
from local.aws import Aws
from local.state import Running


def event(type_: str, data: dict[str, Any], *, team: str = "platform") -> dict[str, Any]:
    """A CloudEvent that happened just now."""
    return written(type_, team=team, workflow=UNASSIGNED, data=data)


class Bus:
    """Publishes events, and collects in a queue of its own what the agents emit."""

    def __init__(self, running: Running, *emitted: str) -> None:
        aws = Aws(running.aws_url, running.region)
        self._sns, self._sqs, self._topic = (
            aws.client("sns"),
            aws.client("sqs"),
            running.events_topic,
        )
        self._url = self._sqs.create_queue(QueueName="collected")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self._sns.subscribe(
            TopicArn=self._topic,
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
            Attributes={
                "FilterPolicy": json.dumps({"type": [*emitted]}),
                "RawMessageDelivery": "true",
            },
        )
        self._collected: list[dict[str, Any]] = []

    def publish(self, sent: dict[str, Any]) -> None:
        self._sns.publish(
            TopicArn=self._topic,
            Message=json.dumps(sent),
            MessageAttributes={"type": {"DataType": "String", "StringValue": sent["type"]}},
        )

    def answers(self, to: dict[str, Any]) -> list[dict[str, Any]]:
        """Every answer to an event that has come so far, each as often as it came."""
        self._collect()
        return [found for found in self._collected if found.get("causationid") == to["id"]]

    def collected(self) -> list[dict[str, Any]]:
        """Every event of these types that has come so far."""
        self._collect()
        return self._collected

    def _collect(self) -> None:
        received = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        for message in received.get("Messages", ()):
            self._collected.append(json.loads(message["Body"]))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
