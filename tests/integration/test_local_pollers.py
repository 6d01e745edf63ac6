"""Pollers against moto's queues: what is deleted, what comes back, and what ends as dead letter."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.aws import Aws
from local.event_sources import EventSource
from local.invocation import Invocation, Reply, exited, failure
from local.pollers import Poller
from tests.integration.moto_server import moto_server
from tests.unit.local.assemblies import ACCOUNT, REGION

REDELIVERY_SECONDS = 1
MAX_RECEIVES = 3
Answer = Callable[[dict[str, Any]], Any]


class Bench:
    """A queue with a dead-letter queue, and a poller that hands batches to a function."""

    def __init__(self, aws: Aws, answer: Answer, **source: Any) -> None:
        self.sqs = aws.client("sqs")
        self.dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        redrive = {"deadLetterTargetArn": arn("dead"), "maxReceiveCount": MAX_RECEIVES}
        self.work = self.sqs.create_queue(
            QueueName="work",
            Attributes={
                "VisibilityTimeout": str(REDELIVERY_SECONDS),
                "RedrivePolicy": json.dumps(redrive),
            },
        )["QueueUrl"]
        self.batches: list[list[str]] = []
        self.said: list[str] = []
        self._answer = answer
        settings = {"batch_size": 10, "partial_responses": True, "concurrency": 2, **source}
        self.source = EventSource(
            queue_url=self.work, queue_arn=arn("work"), function_arn=arn("f"), **settings
        )
        self.poller = Poller(self.source, self.sqs, self._invoke, self.said.append)

    def _invoke(self, call: Invocation) -> Reply:
        event = json.loads(call.payload)
        self.batches.append([record["body"] for record in event["Records"]])
        answer = self._answer(event)
        return answer if isinstance(answer, Reply) else Reply(json.dumps(answer).encode())

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.work, MessageBody=body)

    def count(self, url: str) -> int:
        """How many messages a queue holds, seen or unseen."""
        has = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(has["ApproximateNumberOfMessages"]) + int(
            has["ApproximateNumberOfMessagesNotVisible"]
        )

    def poll_until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not done():
            assert time.monotonic() < deadline, self.batches
            self.poller.poll()


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with moto_server() as url:
        yield Aws(url, REGION)


@pytest.fixture(autouse=True)
def empty(aws: Aws) -> Iterator[None]:
    yield
    for url in aws.client("sqs").list_queues().get("QueueUrls", []):
        aws.client("sqs").delete_queue(QueueUrl=url)


def fail_those_called_bad(event: dict[str, Any]) -> Any:
    bad = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in bad]}


def test_what_succeeded_is_gone(aws: Aws) -> None:
    bench = Bench(aws, fail_those_called_bad)
    bench.send("a", "b")
    bench.poll_until(lambda: sum(map(len, bench.batches)) == 2)
    assert bench.count(bench.work) == 0


def test_a_batch_is_no_larger_than_the_mapping_says(aws: Aws) -> None:
    bench = Bench(aws, fail_those_called_bad, batch_size=2)
    bench.send(*"abcde")
    bench.poll_until(lambda: bench.count(bench.work) == 0)
    assert max(map(len, bench.batches)) == 2


def test_only_what_failed_comes_back_and_in_the_end_is_a_dead_letter(aws: Aws) -> None:
    bench = Bench(aws, fail_those_called_bad)
    bench.send("good", "bad")
    bench.poll_until(lambda: bench.count(bench.dead) == 1)
    received = [body for batch in bench.batches for body in batch]
    assert received.count("good") == 1
    assert received.count("bad") == MAX_RECEIVES
    (letter,) = bench.sqs.receive_message(QueueUrl=bench.dead)["Messages"]
    assert letter["Body"] == "bad"


def test_a_message_whose_worker_was_killed_is_delivered_again(aws: Aws) -> None:
    bench = Bench(aws, lambda _: exited("r", -9) if len(bench.batches) == 1 else {})
    bench.send("a")
    began = time.monotonic()
    bench.poll_until(lambda: len(bench.batches) == 2)
    assert time.monotonic() - began >= REDELIVERY_SECONDS * 0.9, "not before its time"
    assert bench.count(bench.work) == 0


def test_a_function_that_fails_keeps_the_whole_batch(aws: Aws) -> None:
    bench = Bench(aws, lambda _: failure("Unhandled", "no"), partial_responses=False)
    bench.send("a", "b")
    bench.poll_until(lambda: sum(map(len, bench.batches)) == 2)
    assert bench.count(bench.work) == 2
    assert bench.said[0].endswith("messages failed")


def test_a_poller_runs_until_it_is_stopped(aws: Aws) -> None:
    bench = Bench(aws, fail_those_called_bad)
    bench.poller.start()
    bench.send("a")
    deadline = time.monotonic() + 60
    while not bench.batches and time.monotonic() < deadline:
        time.sleep(0.01)
    bench.poller.stop()
    bench.poller.join()
    bench.send("late")
    assert bench.batches == [["a"]]
    assert bench.count(bench.work) == 1
