"""A queue and its dead letters, as the one who works on the messages uses them."""

from typing import Any

import boto3
import pytest

from functions.adapters.mailbox import SqsMailbox
from functions.domain.errors import StoreUnavailable
from functions.domain.message import DeadLetter, Message
from tests import fakes


class Queues:
    """Two queues of moto."""

    def __init__(self) -> None:
        self.sqs = boto3.client("sqs")
        self.work = self.sqs.create_queue(QueueName="work")["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        self.mailbox = SqsMailbox(self.work, self.dead, self.sqs)

    def received(self, url: str) -> list[Any]:
        return self.sqs.receive_message(
            QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
        ).get("Messages", [])


@pytest.fixture
def queues(aws: None) -> Queues:
    return Queues()


def a_message(receipt: str = "none") -> Message:
    return Message(id="m", body='{"a": 1}', receipt=receipt, receives=2, group="retail")


def test_a_dead_letter_tells_why_and_has_the_message_as_it_came(queues: Queues):
    letter = DeadLetter(
        reason="invalid-input",
        detail="The input does not fit. " * 40,
        attempts=2,
        at=fakes.NOW,
        trace_id="a" * 32,
        event_type="review.submitted",
        team="retail",
    )
    queues.mailbox.bury(a_message(), letter)
    (found,) = queues.received(queues.dead)
    told = {name: value["StringValue"] for name, value in found["MessageAttributes"].items()}
    assert found["Body"] == '{"a": 1}'
    assert len(told.pop("detail")) == 512
    assert told == {
        "reason": "invalid-input",
        "attempts": "2",
        "trace_id": "a" * 32,
        "event_type": "review.submitted",
        "team": "retail",
        "dead_lettered_at": "2026-11-02T09:30:00+00:00",
        "source_queue": "work",
    }
    assert found["Attributes"]["MessageGroupId"] == "retail"


def test_a_retried_message_comes_back_when_it_should(queues: Queues):
    queues.sqs.send_message(QueueUrl=queues.work, MessageBody="{}")
    (first,) = queues.received(queues.work)
    queues.mailbox.retry(a_message(first["ReceiptHandle"]), 0)
    (second,) = queues.received(queues.work)
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    queues.mailbox.retry(a_message(second["ReceiptHandle"]), 600)
    assert not queues.received(queues.work)


def test_a_postponed_message_is_a_new_one_that_knows_its_slot(queues: Queues):
    queues.mailbox.postpone(a_message(), 0, 1234)
    (found,) = queues.received(queues.work)
    assert found["MessageAttributes"]["due"]["StringValue"] == "1234"
    assert found["Attributes"]["ApproximateReceiveCount"] == "1"
    queues.mailbox.postpone(a_message(), 900, 1234)
    assert not queues.received(queues.work)


def test_a_message_that_was_copied_is_gone_before_its_batch_is_over(queues: Queues):
    queues.sqs.send_message(QueueUrl=queues.work, MessageBody="{}")
    (found,) = queues.received(queues.work)
    letter = DeadLetter(reason="invalid-input", detail="No.", attempts=1, at=fakes.NOW)
    queues.mailbox.bury(a_message(found["ReceiptHandle"]), letter)
    counts = queues.sqs.get_queue_attributes(QueueUrl=queues.work, AttributeNames=["All"])
    hidden = counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"]
    assert (hidden, len(queues.received(queues.dead))) == ("0", 1)
    queues.sqs.delete_message(QueueUrl=queues.work, ReceiptHandle=found["ReceiptHandle"])


def test_a_queue_that_is_away_is_told_as_such(queues: Queues):
    queues.sqs.delete_queue(QueueUrl=queues.work)
    with pytest.raises(StoreUnavailable):
        queues.mailbox.postpone(a_message(), 1, 1234)
