"""The course of a soak: runs over HTTP, events, events beside poison, and then silence.

Workers are killed during the first two. The last act waits for the sweeper, which gives back what
dead runs were promised once their minute is over.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

import httpx
from rich.progress import Progress, TaskID

from benchmarks.soak.clients import Clients, Reply
from benchmarks.soak.inbox import Inbox
from benchmarks.soak.plan import AGENT, Job, Message, Plan
from benchmarks.soak.producer import Producer
from benchmarks.soak.reaper import Reaper
from benchmarks.soak.script import usages
from benchmarks.soak.stores import Evidence, Stores
from local.stack import LocalStack

IN_FLIGHT, IN_FLIGHT_BESIDE_POISON = 40, 4
STILL_SECONDS = 75.0
"""After so long without a change there will be none: it is longer than a message's deliveries."""
SWEEP_SECONDS = 300.0
"""A promise closes within two and a half minutes of its run, and the sweeper looks every minute."""
LOOK_SECONDS = 1.0


@dataclass(kw_only=True)
class Act:
    """One part of the soak."""

    name: str
    task: TaskID
    """Its progress bar."""
    sent: int
    seconds: float = 0.0
    published: dict[str, datetime] = field(default_factory=dict)
    """Its events, by when they were first published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What was done, and what is left of it in the stores."""

    acts: Sequence[Act]
    evidence: Evidence


def play(plan: Plan, stack: LocalStack, reaper: Reaper, progress: Progress) -> Course:
    """Do everything that the plan says, and collect the evidence."""
    stores = Stores(stack)
    with Inbox(stack.aws, stack.running.events_topic) as inbox:
        stage = _Stage(stack, stores, inbox, progress)
        with reaper:
            calling, replies = stage.call(plan.sends)
        with reaper:
            events = stage.publish("events", plan.messages, IN_FLIGHT)
        poisoned = stage.publish("beside poison", plan.poisoned, IN_FLIGHT_BESIDE_POISON)
        sweeping = stage.sweep()
        evidence = Evidence(
            asked=stores.asked(usages(plan.jobs.values())),
            ledger=stores.ledger(),
            budgets=stores.budgets(),
            records=stores.records(),
            answers=inbox.answers,
            dead_letters=stores.dead_letters(),
            waiting=stores.waiting(),
            replies=replies,
            kills=reaper.kills,
        )
    return Course(acts=[calling, events, poisoned, sweeping], evidence=evidence)


class _Stage:
    """Where the acts take place."""

    def __init__(self, stack: LocalStack, stores: Stores, inbox: Inbox, progress: Progress) -> None:
        self._stack = stack
        self._stores = stores
        self._inbox = inbox
        self._progress = progress

    def call(self, jobs: Sequence[Job]) -> tuple[Act, list[Reply]]:
        """Send every run, and insist on an answer."""
        url = f"{self._stack.running.gateway_url}/v1/agents/{AGENT}/run"
        token = cache(self._stack.identity.mint)
        with httpx.Client() as http, self._act("runs over HTTP", len(jobs)) as act:
            replies = [
                *self._progress.track(Clients(http, url, token).send(jobs), task_id=act.task)
            ]
        return act, replies

    def publish(self, name: str, messages: Sequence[Message], in_flight: int) -> Act:
        """Publish every message, and wait until nothing moves any more."""
        sns = self._stack.aws.client("sns")
        producer = Producer(sns, self._stack.running.events_topic, self._inbox)
        with self._act(name, len(messages)) as act:
            for _ in producer.publish(messages, in_flight):
                self._progress.advance(act.task)
            act.published = producer.published
            self._wait_until_still(producer)
        return act

    def sweep(self) -> Act:
        """Wait until the sweeper has given back what the dead were promised."""
        with self._act("sweeping", self._stores.promised()) as act:
            left, until = act.sent, time.monotonic() + SWEEP_SECONDS
            while left and time.monotonic() < until:
                time.sleep(LOOK_SECONDS)
                left = self._stores.promised()
                self._progress.update(act.task, completed=act.sent - left)
        return act

    def _wait_until_still(self, producer: Producer) -> None:
        """Until everything is answered and no queue holds anything, or until nothing changes."""
        changed, before = time.monotonic(), None
        while time.monotonic() - changed < STILL_SECONDS:
            now = (self._inbox.answered, self._stores.waiting(), self._stores.dead())
            if now != before:
                changed, before = time.monotonic(), now
            if not (producer.unanswered or self._stores.waiting()):
                return
            time.sleep(LOOK_SECONDS)

    @contextmanager
    def _act(self, name: str, total: int) -> Iterator[Act]:
        act = Act(name=name, sent=total, task=self._progress.add_task(name, total=total))
        began = time.monotonic()
        yield act
        act.seconds = time.monotonic() - began
