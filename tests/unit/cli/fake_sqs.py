"""SQS in memory, as far as looking at dead letters and moving them needs it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from botocore.exceptions import ClientError

from cli.dead_letters.moves import Order
from cli.dead_letters.queues import AgentQueues
from cli.dead_letters.reach import Reach
from cli.dead_letters.selection import Selection

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
WORK, DEAD = "https://sqs/1/work", "https://sqs/1/dead"
WORK_ARN = "arn:aws:sqs:eu-central-1:1:work"
QUEUES = AgentQueues("echo", WORK, WORK_ARN, (DEAD,))


def failure(code: str, action: str = "SendMessage") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, action)


def text(**values: str) -> dict[str, Any]:
    """Message attributes."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def message(body: str = "{}", *, sent: datetime = NOW, **fields: Any) -> dict[str, Any]:
    """A message as it is received."""
    attributes = fields.pop("attributes", {})
    system = {
        "SentTimestamp": str(int(sent.timestamp() * 1000)),
        "ApproximateReceiveCount": "4",
        **fields,
    }
    return {
        "MessageId": "m-1",
        "ReceiptHandle": "r-1",
        "Body": body,
        "Attributes": system,
        "MessageAttributes": attributes,
    }


@dataclass
class FakeSqs:
    """Two queues; what is received stays hidden until it is given back."""

    held: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {WORK: [], DEAD: []})
    hidden: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)
    on_send: Callable[[dict[str, Any]], None] = lambda sent: None
    numbers: Any = field(default_factory=itertools.count)

    def bury(self, body: str = "{}", *, sent: datetime = NOW, **attributes: str) -> str:
        """Put a dead letter into its queue; its id."""
        found = message(body, sent=sent, attributes=text(**attributes))
        found["MessageId"] = f"m-{next(self.numbers)}"
        self.held[DEAD].append(found)
        return str(found["MessageId"])

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self._called("receive")
        queue = self.held[asked["QueueUrl"]]
        taken = queue[: asked["MaxNumberOfMessages"]]
        del queue[: len(taken)]
        for each in taken:
            each["ReceiptHandle"] = f"r-{next(self.numbers)}"
            self.hidden[each["ReceiptHandle"]] = each
        return {"Messages": taken} if taken else {}

    def send_message(self, **sent: Any) -> dict[str, Any]:
        self._called("send")
        self.held[sent["QueueUrl"]].append(sent)
        self.on_send(sent)
        return {"MessageId": f"m-{next(self.numbers)}"}

    def delete_message(self, **asked: Any) -> None:
        self._called("delete")
        del self.hidden[asked["ReceiptHandle"]]

    def change_message_visibility_batch(self, **asked: Any) -> dict[str, Any]:
        self._called("give back")
        for entry in asked["Entries"]:
            self.held[asked["QueueUrl"]].append(self.hidden.pop(entry["ReceiptHandle"]))
        return {}

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(len(self.held[asked["QueueUrl"]])),
                "ApproximateNumberOfMessagesNotVisible": str(len(self.hidden)),
            },
            "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(NOW, usegmt=True)}},
        }

    def bodies(self, url: str) -> list[str]:
        """What is visible in a queue."""
        return [each.get("Body") or each["MessageBody"] for each in self.held[url]]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fail:
            raise self.fail[name]


def reach(sqs: FakeSqs, *, names_sources: bool = True) -> Reach:
    return Reach(sqs, "eu-central-1", names_sources=names_sources)


def order(**conditions: Any) -> Order:
    return Order(
        queues=QUEUES, selection=Selection(**conditions), before=NOW.replace(second=1), about=1
    )
