"""A consumer of the agents' answers: a queue of its own on the topic, emptied all the time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Event
from typing import Any, Self

from benchmarks.soak.plan import ANSWER
from local.aws import Aws

QUEUE = "soak-answers"


@dataclass(frozen=True, slots=True)
class Answer:
    """One delivery of a result event."""

    id: str
    job: str
    """The event that it answers."""
    review: str
    """The review that its data speaks of."""
    run: str
    at: datetime


class Inbox:
    """A context in which every answer is heard."""

    def __init__(self, aws: Aws, topic: str) -> None:
        self._sqs = aws.client("sqs")
        self._url = _subscribed(self._sqs, aws.client("sns"), topic)
        self._heard: list[Answer] = []
        self._answered: set[str] = set()
        self._changed = Condition()
        self._stopped = Event()
        self._threads = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._listening = self._threads.submit(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._threads.shutdown()

    @property
    def answers(self) -> list[Answer]:
        """Every delivery so far."""
        with self._changed:
            return [*self._heard]

    @property
    def answered(self) -> int:
        """How many events were answered, however often."""
        return len(self._answered)

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Whether it became so in time; looked at again with every answer.

        Raises:
            ClientError: the queue could not be read, so nothing more will be heard.
        """
        if self._listening.done():
            self._listening.result()
        with self._changed:
            return self._changed.wait_for(until, seconds)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            received = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            ).get("Messages", [])
            answers = [_answer(json.loads(message["Body"])) for message in received]
            with self._changed:
                self._heard += answers
                self._answered |= {answer.job for answer in answers}
                self._changed.notify_all()
            self._delete(received)

    def _delete(self, received: list[dict[str, Any]]) -> None:
        for message in received:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])


def _subscribed(sqs: Any, sns: Any, topic: str) -> str:
    url: str = sqs.create_queue(QueueName=QUEUE, Attributes={"VisibilityTimeout": "600"})[
        "QueueUrl"
    ]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=found["Attributes"]["QueueArn"],
        Attributes={
            "FilterPolicy": json.dumps({"type": [ANSWER]}),
            "RawMessageDelivery": "true",
        },
    )
    return url


def _answer(event: dict[str, Any]) -> Answer:
    return Answer(
        id=event["id"],
        job=event["causationid"],
        review=event["data"]["review_id"],
        run=event["runid"],
        at=datetime.fromisoformat(event["time"]),
    )
