"""What is left in the stores when everything is over: the evidence.

Tables, dead letters and the model's own record are read as they are; only what the callers saw is
handed in. Jobs are found by their names, which the product carries as workflow and review id.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.soak.clients import Reply
from benchmarks.soak.inbox import Answer
from functions.domain.pricing import Usage
from local.stack import LocalStack

NAME = re.compile(r"soak-[a-z]+-\d{6}")
DEAD = "DeadLetters"
READING_SECONDS = 900
"""How long a dead letter that was read stays hidden from the next look."""


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A call that the model answered, by its own record or by the ledger's."""

    job: str
    team: str
    model: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What a run was charged."""

    job: str
    team: str
    cost_micro_usd: int
    calls: tuple[ModelCall, ...]


@dataclass(frozen=True, slots=True)
class BudgetItem:
    """One shard of one limit."""

    team: str
    limit: int
    available: int
    spent: int
    promised: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """An idempotency record."""

    status: str
    job: str | None = None
    run: str | None = None
    from_cache: bool = False


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nobody could work on, and why if it says so."""

    name: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a verdict is made from."""

    asked: Sequence[ModelCall]
    ledger: Sequence[LedgerLine]
    budgets: Sequence[BudgetItem]
    records: Sequence[Recorded]
    answers: Sequence[Answer]
    dead_letters: Sequence[DeadLetter]
    waiting: int
    """Messages that are still in a work queue."""
    replies: Sequence[Reply]
    kills: int


class Stores:
    """Reads the stores of a running stack."""

    def __init__(self, stack: LocalStack) -> None:
        self._running = stack.running
        self._dynamodb, self._sqs = stack.aws.client("dynamodb"), stack.aws.client("sqs")

    def asked(self, usages: Mapping[str, Usage]) -> list[ModelCall]:
        """The calls that the model answered, with the usage that it reported."""
        found = httpx.get(f"{self._running.model_url}/_scripted/calls", timeout=60).json()
        return [
            ModelCall(
                call["request_metadata"]["workflow"],
                call["request_metadata"]["team"],
                call["model_id"],
                usages[call["rule"]],
            )
            for call in found["calls"]
            if call["rule"] in usages
        ]

    def ledger(self) -> list[LedgerLine]:
        return [_line(item) for item in self._items("Ledger")]

    def budgets(self) -> list[BudgetItem]:
        return [_budget(item) for item in self._items("Budgets")]

    def records(self) -> list[Recorded]:
        return [_record(item) for item in self._items("Memory")]

    def promised(self) -> int:
        """What is promised to runs that are under way or dead."""
        return sum(budget.promised for budget in self.budgets())

    def waiting(self) -> int:
        """Messages that wait in a work queue or are worked on."""
        return sum(map(self._count, self._queues(dead=False)))

    def dead(self) -> int:
        return sum(map(self._count, self._queues(dead=True)))

    def dead_letters(self) -> list[DeadLetter]:
        """Read each once, and leave them where they are."""
        return [letter for url in self._queues(dead=True) for letter in self._letters(url)]

    def _queues(self, *, dead: bool) -> list[str]:
        """URLs: ``running.queues`` holds the queues of the templates, so not the inbox's."""
        return [url for name, url in self._running.queues.items() if (DEAD in name) is dead]

    def _count(self, url: str) -> int:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        kinds = ("", "NotVisible", "Delayed")
        return sum(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)

    def _letters(self, url: str) -> Iterator[DeadLetter]:
        while received := self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=READING_SECONDS,
            MessageAttributeNames=["All"],
        ).get("Messages"):
            yield from (_letter(message) for message in received)

    def _items(self, kind: str) -> Iterator[dict[str, Any]]:
        (table,) = (name for name in self._running.tables if f"-{kind}" in name)
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return (item for page in pages for item in page["Items"])


def _line(item: dict[str, Any]) -> LedgerLine:
    job, team = item["workflow"]["S"], item["team"]["S"]
    calls = (entry["M"] for entry in item["calls"]["L"])
    return LedgerLine(
        job,
        team,
        int(item["cost_micro_usd"]["N"]),
        tuple(
            ModelCall(job, team, call["model"]["S"], _usage(call["tokens"]["M"])) for call in calls
        ),
    )


def _usage(tokens: dict[str, Any]) -> Usage:
    return Usage(**{kind: int(number["N"]) for kind, number in tokens.items()})


def _budget(item: dict[str, Any]) -> BudgetItem:
    limit, available, spent = (int(item[n]["N"]) for n in ("limit", "available", "spent"))
    promised = sum(int(value["N"]) for name, value in item.items() if name.startswith("open_"))
    return BudgetItem(item["pk"]["S"].split("#")[0], limit, available, spent, promised)


def _record(item: dict[str, Any]) -> Recorded:
    if "data" not in item:
        return Recorded(item["status"]["S"])
    outcome = json.loads(json.loads(item["data"]["S"])["outcome"])
    return Recorded(
        item["status"]["S"],
        outcome["output"]["review_id"],
        outcome["id"],
        from_cache=outcome["cache"] == "hit",
    )


def _letter(message: dict[str, Any]) -> DeadLetter:
    found = NAME.search(message["Body"])
    attributes = message.get("MessageAttributes", {})
    reason = attributes.get("reason", {}).get("StringValue")
    return DeadLetter(found[0] if found else message["MessageId"], reason)
