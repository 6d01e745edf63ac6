"""One dead letter: the message as its producer sent it, and why nobody answered it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from functions.domain import canonical
from functions.domain.event import Event

CRASHED = "crashed"
"""SQS moved the message: each time, the function died or ran out of time and could not say why."""
UNDELIVERABLE = "undeliverable"
"""SNS put the message here, because it could not reach the agent's queue."""

REASON = "reason"
OUR_ATTRIBUTES = frozenset(
    {
        REASON,
        "attempts",
        "dead_lettered_at",
        "detail",
        "event_type",
        "run_id",
        "source_queue",
        "team",
        "trace_id",
    }
)
"""What the queue function writes beside a message that it gives up."""
BOOKING = frozenset({"due"})
"""When the message's turn was, by its team's rate; that is over, and it must book another."""


@dataclass(frozen=True)
class Letter:
    """A message of a dead-letter queue, received and therefore hidden from others for a while."""

    message_id: str
    queue_url: str
    receipt: str
    body: str
    attributes: Mapping[str, Any]
    sent_at: datetime
    receives: int
    """How often it was received, looks at it included."""
    group: str | None = None
    moved_from: str | None = None
    """The ARN of the queue from which SQS itself moved it."""

    @classmethod
    def of(cls, message: Mapping[str, Any], queue_url: str) -> "Letter":
        """What ``ReceiveMessage`` returned, with all its attributes."""
        system = message["Attributes"]
        return cls(
            message_id=message["MessageId"],
            queue_url=queue_url,
            receipt=message["ReceiptHandle"],
            body=message["Body"],
            attributes=message.get("MessageAttributes", {}),
            sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
            receives=int(system["ApproximateReceiveCount"]),
            group=system.get("MessageGroupId"),
            moved_from=system.get("DeadLetterQueueSourceArn"),
        )

    def said(self, name: str) -> str | None:
        """What was written beside the message under this name, if anything was."""
        value = self.attributes.get(name, {}).get("StringValue")
        return str(value) if value else None

    @cached_property
    def written(self) -> Mapping[str, Any]:
        """The object in the body; empty when there is none."""
        try:
            return canonical.read_object(self.body)
        except ValueError:
            return {}

    @cached_property
    def event(self) -> Event | None:
        """The event in the body, when it is one."""
        try:
            return Event.model_validate(self.written)
        except ValueError:
            return None

    @property
    def reason(self) -> str:
        return self.said(REASON) or (CRASHED if self.moved_from else UNDELIVERABLE)

    @property
    def type(self) -> str | None:
        # A message that was moved still has the attributes of its producer.
        attribute = self.said("event_type") or self.said("type")
        return attribute or (self.event.type if self.event else None)

    @property
    def team(self) -> str | None:
        return self.said("team") or (self.event.team if self.event else None)

    @property
    def trace_id(self) -> str | None:
        traceparent = (self.event.traceparent if self.event else None) or ""
        return self.said("trace_id") or next(iter(traceparent.split("-")[1:2]), None)

    @property
    def dead_since(self) -> datetime:
        """When it was given up; for a message that was moved, only when it was sent is known."""
        try:
            found = datetime.fromisoformat(self.said("dead_lettered_at") or "")
        except ValueError:
            return self.sent_at
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    @property
    def sending(self) -> dict[str, Any]:
        """The message to send, so that its consumer finds it as it came the first time."""
        ours = OUR_ATTRIBUTES if self.said(REASON) else BOOKING
        kept = {name: value for name, value in self.attributes.items() if name not in ours}
        # Fair queues tell teams apart by the group; a letter that was copied may have lost its own.
        group = self.group or self.team
        return {
            "MessageBody": self.body,
            **({"MessageAttributes": kept} if kept else {}),
            **({"MessageGroupId": group} if group else {}),
        }
