"""An agent's queues as its stack makes them, and messages that died in them."""

import json
from typing import Any

AGENT = "review_sentiment"
WORK = "gatehouse-eu-central-1-agent-review-sentiment-work"
DEAD = "gatehouse-eu-central-1-agent-review-sentiment-dead"
MAX_RECEIVES = 3


class Estate:
    """Two queues of one agent, tagged with its name."""

    def __init__(self, sqs: Any, agent: str = AGENT, work: str = WORK, dead: str = DEAD) -> None:
        self.sqs = sqs
        tags = {"gatehouse:agent": agent, "gatehouse:zone": "eu"}
        self.dead = sqs.create_queue(QueueName=dead, tags=tags)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self.dead, AttributeNames=["QueueArn"])
        policy = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": MAX_RECEIVES,
        }
        self.work = sqs.create_queue(
            QueueName=work, tags=tags, Attributes={"RedrivePolicy": json.dumps(policy)}
        )["QueueUrl"]

    def bury(self, body: str, reason: str = "model-unavailable", **attributes: str) -> str:
        """Give a message up as the queue function does; its id."""
        written = {"reason": reason, "detail": "It did not work.", "team": "retail", **attributes}
        sent = self.sqs.send_message(
            QueueUrl=self.dead,
            MessageBody=body,
            MessageAttributes={
                **{n: {"DataType": "String", "StringValue": v} for n, v in written.items()},
                "attempts": {"DataType": "Number", "StringValue": "5"},
            },
        )
        return str(sent["MessageId"])

    def crash(self, body: str) -> None:
        """Let a message be received until SQS moves it."""
        self.sqs.send_message(QueueUrl=self.work, MessageBody=body)
        for _ in range(MAX_RECEIVES + 1):
            self.sqs.receive_message(QueueUrl=self.work, VisibilityTimeout=0)

    def bodies(self, url: str) -> list[str]:
        """What is visible in a queue, without hiding it."""
        received = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return sorted(message["Body"] for message in received.get("Messages", ()))


def event(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/shop",
        "type": "review.submitted",
        "time": "2026-11-02T09:00:00Z",
        "team": "retail",
        "data": {"author": "ada.lovelace@example.com", "text": "Good tent."},
    }
