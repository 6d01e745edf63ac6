"""Publishes events as fast as they are answered, so that lag is time in the gatehouse.

A burst of everything at once would measure how long the burst is.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from benchmarks.soak.inbox import Inbox
from benchmarks.soak.plan import TYPE, Job, Message

STALLED_SECONDS = 45.0
"""After that, what is not answered may be lost, and must not hold the others up."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Producer:
    """One producer of the topic."""

    def __init__(
        self, sns: Any, topic: str, inbox: Inbox, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._sns = sns
        self._topic = topic
        self._inbox = inbox
        self._now = now
        self._room = 0
        self._before = inbox.answered
        self._bodies: dict[str, str] = {}
        self.published: dict[str, datetime] = {}
        """When each job was first published."""

    def publish(self, messages: Iterable[Message], in_flight: int) -> Iterator[Message]:
        """Each message, once it is published; at most so many jobs are unanswered at a time."""
        self._room = in_flight
        for message in messages:
            if not self._inbox.wait(self._has_room, STALLED_SECONDS):
                self._room += in_flight
            self._send(message)
            yield message

    @property
    def unanswered(self) -> int:
        return len(self.published) - (self._inbox.answered - self._before)

    def _has_room(self) -> bool:
        return self.unanswered < self._room

    def _send(self, message: Message) -> None:
        now = self._now()
        # A producer that sends an event again sends the same event.
        body = self._bodies.setdefault(message.name, message.body(now))
        if isinstance(message, Job):
            self.published.setdefault(message.name, now)
        self._sns.publish(
            TopicArn=self._topic,
            Message=body,
            MessageAttributes={"type": {"DataType": "String", "StringValue": TYPE}},
        )
