"""Events: in through the topic, and their answers out of it, whatever dies in between."""

import os
import signal
from typing import Any

import httpx

from local.stack import LocalStack
from tests.e2e.bus import Bus, event
from tests.e2e.conftest import Play, eventually, new_review, sample


def function_of(stack: LocalStack, agent: str) -> str:
    """The queue function of an agent: each agent has a stack of its own, named after it."""
    stack_name = f"agent-{agent.replace('_', '-')}-"
    (found,) = (name for name in stack.running.functions if stack_name in name)
    return found


def left_in_queues(stack: LocalStack) -> int:
    """Messages that wait or are worked on, or that nobody could work on."""
    sqs = stack.aws.client("sqs")
    counts = (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in stack.running.queues.values()
    )
    kinds = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(found[kind]) for found in counts for kind in kinds)


def calls(stack: LocalStack) -> int:
    """How often the model was asked since its script began."""
    return len(httpx.get(f"{stack.running.model_url}/_scripted/calls").json()["calls"])


def test_a_submitted_review_comes_back_as_its_sentiment(stack: LocalStack, bus: Bus) -> None:
    sent = event("review.submitted", new_review())
    bus.publish(sent)
    (answer,) = eventually(lambda: bus.answers(sent))
    assert (answer["type"], answer["team"]) == ("review.sentiment", "platform")
    assert {"label", "score", "topics"} <= answer["data"].keys()


def test_an_opened_ticket_comes_back_summarised(stack: LocalStack, bus: Bus) -> None:
    sent = event("ticket.opened", sample("ticket_summary"))
    bus.publish(sent)
    (answer,) = eventually(lambda: bus.answers(sent))
    assert answer["type"] == "ticket.summarised"


def test_an_event_that_comes_twice_is_worked_on_once(
    stack: LocalStack, bus: Bus, play: Play
) -> None:
    play()
    sent = event("review.submitted", new_review())
    for _ in range(2):
        bus.publish(sent)
    answers = eventually(lambda: bus.answers(sent)[1:] and bus.answers(sent))
    assert len({answer["id"] for answer in answers}) == 1, "the same answer, twice"
    assert calls(stack) == 1


def test_a_worker_killed_in_the_middle_of_an_event_loses_nothing(
    stack: LocalStack, bus: Bus, play: Play
) -> None:
    slow: dict[str, Any] = {"times": 1, "latency_ms": 60_000, "reply": "from_schema"}
    play(slow)
    sent = event("review.submitted", new_review())
    bus.publish(sent)
    eventually(lambda: calls(stack) == 1)
    (pid,) = stack.workers.pids(function_of(stack, "review_sentiment"))
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: bus.answers(sent))
    eventually(lambda: not left_in_queues(stack))
    assert len(bus.answers(sent)) == 1, "and nothing is left that could answer again"
    assert calls(stack) == 2, "the one that was cut off, and the one that was answered"
