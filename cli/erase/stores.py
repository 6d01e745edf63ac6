"""Every store of a region that may hold something about a person, and how to look and to erase.

Nothing is indexed by person, so a store is read through once, a page at a time. All of them forget
by themselves within two weeks; an erasure is for those days.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from cli.audit import trail
from cli.dead_letters import queues
from cli.dead_letters.look import Look
from cli.dead_letters.reach import Reach
from cli.erase.subject import Subject
from cli.estate import Estate
from functions.domain.names import JsonObject

LONGEST_KEPT = timedelta(days=8)
"""No store but the trail and the ledger keeps what a run left behind for longer."""

OnItem = Callable[[str, int], None]
"""Told of the store and of how many of its items were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a store has, or had, about the subject."""

    store: str
    count: int
    fate: str
    """``erased``, ``to erase`` or ``kept``."""
    why: str = ""


class Store(Protocol):
    """A place where something about the subject may be."""

    name: str

    def find(self, subject: Subject, on_item: OnItem) -> int:
        """How much there is; it is remembered for ``erase``."""
        ...

    def erase(self) -> None: ...


@dataclass
class Records:
    """Runs that were accepted and done later: who ordered them, their input and outcome."""

    estate: Estate
    name: str = "runs"
    _found: list[tuple[str, str | None]] = field(default_factory=list)

    def find(self, subject: Subject, on_item: OnItem) -> int:
        for item in scan(self.estate, self.estate.table("Runs"), self.name, on_item):
            key, name = item["pk"]["S"], item.get("object", {}).get("S")
            if subject.owns(key) and any(map(subject.is_in, self._texts(item, name))):
                self._found.append((key, name))
        return len(self._found)

    def _texts(self, item: JsonObject, name: str | None) -> Iterator[str]:
        yield from (value["S"] for value in item.values() if "S" in value)
        if name:
            yield _object(self.estate, name)

    def erase(self) -> None:
        for key, name in self._found:
            _delete(self.estate, "Runs", {"pk": {"S": key}}, name)


@dataclass
class Outcomes:
    """Outcomes that are kept under an idempotency key, which says of no one whose they are.

    Those of a caller are known by the ids of the caller's runs, which the audit trail has.
    """

    estate: Estate
    runs: frozenset[str]
    name: str = "outcomes"
    _found: list[tuple[str, str | None]] = field(default_factory=list)

    def find(self, subject: Subject, on_item: OnItem) -> int:
        for item in scan(self.estate, self.estate.table("Memory"), self.name, on_item):
            if "data" not in item:
                continue  # in progress: there is no outcome yet
            data = json.loads(item["data"]["S"])
            name = data.get("object")
            text = _object(self.estate, name) if name else data.get("outcome", "")
            is_theirs = bool(text) and json.loads(text)["id"] in self.runs
            # The record does not say whose team it is, so a text is looked at for all teams only.
            if is_theirs or (subject.team is None and subject.is_in(text)):
                self._found.append((item["id"]["S"], name))
        return len(self._found)

    def erase(self) -> None:
        for key, name in self._found:
            _delete(self.estate, "Memory", {"id": {"S": key}}, name)


@dataclass
class Answers:
    """Answers of models that are used again. They hold what the agent's policy lets a model see."""

    estate: Estate
    name: str = "cache"
    _found: list[str] = field(default_factory=list)

    def find(self, subject: Subject, on_item: OnItem) -> int:
        for item in scan(self.estate, self.estate.table("Cache"), self.name, on_item):
            key = item["pk"]["S"]
            if subject.owns(key) and subject.is_in(item["text"]["S"]):
                self._found.append(key)
        return len(self._found)

    def erase(self) -> None:
        for key in self._found:
            _delete(self.estate, "Cache", {"pk": {"S": key}}, None)


@dataclass
class Letters:
    """Messages that were given up: an event's data, or a result for a webhook."""

    reach: Reach
    name: str = "dead letters"
    _subject: Subject | None = None
    _count: int = 0

    def find(self, subject: Subject, on_item: OnItem) -> int:
        self._subject = subject
        self._count = sum(1 for _ in self._each(on_item))
        return self._count

    def erase(self) -> None:
        if not self._count:
            return
        for look, letter in self._each(lambda _name, _count: None):
            look.remove(letter)

    def _each(self, on_item: OnItem) -> Iterator[tuple[Look, Any]]:
        seen = 0
        for of_agent in queues.every(self.reach).values():
            at = queues.filling(self.reach, of_agent.dead_letter_urls).at
            with Look(reach=self.reach, queues=of_agent, before=at) as look:
                for letter in look:
                    seen += 1
                    on_item(self.name, seen)
                    if self._subject and self._is_about(self._subject, letter):
                        yield look, letter

    def _is_about(self, subject: Subject, letter: Any) -> bool:
        return subject.team in {None, letter.team} and subject.is_in(letter.body)


def stores(estate: Estate, reach: Reach, runs: frozenset[str]) -> Sequence[Store]:
    """All from which something can be erased; ``runs`` are those of the caller."""
    return (
        Records(estate),
        Outcomes(estate, runs),
        Answers(estate),
        Letters(reach),
    )


def lines_of(estate: Estate, subject: Subject) -> list[JsonObject]:
    """What the audit trail has of a caller in the days for which anything else is kept."""
    now = datetime.now(UTC)
    wanted = trail.Wanted(
        since=now - LONGEST_KEPT, until=now, subject=subject.text, team=subject.team
    )
    return trail.lines(estate, wanted)


def scan(estate: Estate, table: str, name: str, on_item: OnItem) -> Iterator[JsonObject]:
    """Every item of a table."""
    pages = estate.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    for count, item in enumerate((item for page in pages for item in page["Items"]), 1):
        on_item(name, count)
        yield item


def _object(estate: Estate, name: str) -> str:
    """An outcome that is too long for its record; empty if it has ended already."""
    s3 = estate.client("s3")
    try:
        found: bytes = s3.get_object(Bucket=estate.bucket("Outcomes"), Key=name)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return ""
    return found.decode()


def _delete(estate: Estate, table: str, key: JsonObject, name: str | None) -> None:
    """The object first: a record that still names it is found again."""
    if name:
        estate.client("s3").delete_object(Bucket=estate.bucket("Outcomes"), Key=name)
    estate.client("dynamodb").delete_item(TableName=estate.table(table), Key=key)
