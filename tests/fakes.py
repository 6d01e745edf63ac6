"""The pipeline's ports in a few lines each, and runs to lead through it.

Fakes rather than mocks: a test reads what happened off the fake, and a wrong call is a type error.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from functions.adapters.switches import PowertoolsFlags
from functions.domain.agent import Agent, AgentManifest, ReplyT, Tools
from functions.domain.audit import AuditLine
from functions.domain.budget import Budget, Reservation
from functions.domain.cache import CachedAnswer, CacheKey
from functions.domain.callback import Callback
from functions.domain.contracts import Contracts
from functions.domain.errors import (
    BudgetExhausted,
    ModelUnavailable,
    NotFound,
    StoreUnavailable,
)
from functions.domain.event import Event
from functions.domain.message import DeadLetter, Message
from functions.domain.names import JsonObject, MicroUsd, RunId
from functions.domain.pace import Slot
from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.pricing import Price, PriceList, Usage
from functions.domain.prompt import Prompt
from functions.domain.record import RunRecord
from functions.domain.run import Outcome, Run, TraceContext
from functions.domain.team import Caller, Limits, Team
from functions.pipeline.calls import Governors
from functions.pipeline.deliver import Reply
from functions.pipeline.ports import Answer, DeliveryResult, Flags, Question
from functions.pipeline.run import Parts
from functions.pipeline.span_ports import Attributes, SpanKind

CONTRACTS = Contracts.load(Path(__file__).parents[1] / "events")
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
RUN_ID = RunId(f"run_{1:032x}")
MODEL = "eu.test.model-v1:0"
SECOND = "eu.test.second-v1:0"
TEAM = Team(
    name="helpdesk",
    zone="eu",
    business_unit="Customer Care",
    cost_centre="CC-1",
    tier="standard",
    budget=Budget(monthly_usd=Decimal(10)),
    roles=frozenset({"echo:say"}),
)


class Word(BaseModel):
    """What the echo agent takes and gives."""

    model_config = ConfigDict(extra="forbid")
    word: str = Field(min_length=1, max_length=20)


def echo(request: Word, tools: Tools) -> Word:
    return tools.ask(Prompt(system="Say it again.", question=request.word), Word)


def manifest(**changes: Any) -> AgentManifest:
    return AgentManifest.model_validate(
        {
            "name": "echo",
            "version": "1.2.3",
            "title": "Echo",
            "description": "Says again what it was told, for tests.",
            "owner": "echo@example.com",
            "roles": ["echo:say"],
            "models": {"eu": [MODEL, SECOND]},
            "max_input_bytes": 256,
        }
        | changes
    )


def agents(*extra: Agent, **changes: Any) -> Callable[[str], Agent]:
    """Finds the echo agent, and whichever others are given."""
    found = {a.manifest.name: a for a in (Agent.of(manifest(**changes), echo), *extra)}
    return found.__getitem__


def run(**changes: Any) -> Run:
    given = changes.pop("input", {"word": "hello"})
    fields: dict[str, Any] = {
        "id": RUN_ID,
        "agent": "echo",
        "channel": "http",
        "caller": Caller(
            subject="ada", team=TEAM.name, zone=TEAM.zone, roles=frozenset({"echo:say"})
        ),
        "team": TEAM,
        "read": lambda: given,
        "received_at": NOW,
        "deadline": NOW + timedelta(seconds=29),
    }
    return Run(**fields | changes)


@dataclass
class FakeModel:
    """Answers from a list of texts or errors, in order; keeps the questions."""

    replies: list[str | Exception] = field(default_factory=lambda: ['{"word": "hello"}'])
    stop_reason: str = "end_turn"
    questions: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        self.questions.append(question)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return Answer(
            text=reply,
            model=question.model,
            usage=Usage(input_tokens=100, output_tokens=10),
            answered_by="test-model",
            latency_ms=7,
            stop_reason=self.stop_reason,
        )


@dataclass
class FakeSwitches:
    """Flags as they would be written in AppConfig; None as if they could not be read."""

    written: JsonObject | None = field(default_factory=dict)

    def flags(self) -> Flags | None:
        return None if self.written is None else PowertoolsFlags(self.written)


@dataclass
class FakeMemory:
    """Remembers for as long as the test lives."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def once(self, run: Run, produce: Callable[[], Outcome], *, most_bytes: int) -> Outcome:
        key = f"{run.team.name} {run.agent} {run.idempotency_key}"
        if key in self.outcomes:
            return self.outcomes[key].model_copy(update={"replayed": True})
        self.outcomes[key] = produce()
        return self.outcomes[key]


@dataclass
class FakeBooks:
    """One number, as the real books keep it; the lines are those of the ledger."""

    available: int = 10_000_000
    lines: list[tuple[str, str, int]] = field(default_factory=list)
    cached: dict[CacheKey, CachedAnswer] = field(default_factory=dict)

    def reserve(self, run: Run, amount: MicroUsd) -> Reservation:
        if amount > self.available:
            raise BudgetExhausted("used up")
        self.available -= amount
        return Reservation(run.team.name, "2026-11", ("team",), 0, "202611020931", amount)

    def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
        promised = sum(reservation.micro_usd for reservation in run.meter.reservations)
        self.available += promised - run.meter.cost_micro_usd
        if run.meter.calls:
            self.lines.append((run.id, status, run.meter.cost_micro_usd))
        self.cached.update(run.meter.fresh_answers)


@dataclass
class FakeTrail:
    """Keeps lines, as they would be written; ``away`` keeps none, and says so."""

    lines: list[JsonObject] = field(default_factory=list)
    away: bool = False

    def write(self, lines: Sequence[AuditLine]) -> None:
        if self.away:
            raise StoreUnavailable("the trail cannot be reached")
        self.lines += [json.loads(line.written()) for line in lines]


@dataclass
class FakeCache:
    books: FakeBooks
    reads: int = 0

    def find(self, key: CacheKey) -> CachedAnswer | None:
        self.reads += 1
        return self.books.cached.get(key)


@dataclass
class FakeBreaker:
    open: set[str] = field(default_factory=set)

    def guard(self, model: str, call: Callable[[], Answer]) -> Answer:
        if model in self.open:
            raise ModelUnavailable("open")
        return call()


@dataclass
class FakeDetector:
    """Sees these words as a person's name; keeps what it was asked."""

    words: str = "the tall one"
    error: Exception | None = None
    asked: list[Sequence[str]] = field(default_factory=list)

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        self.asked.append(texts)
        if self.error:
            raise self.error
        return [list(self._in(text)) for text in texts]

    def _in(self, text: str) -> Iterator[Finding]:
        start = text.find(self.words)
        if start >= 0:
            yield Finding(start, start + len(self.words), EntityType.PERSON, 1.0)


@dataclass
class FakePublisher:
    events: list[Event] = field(default_factory=list)
    callbacks: list[bool] = field(default_factory=list)
    """Of each event, whether it is to be sent on."""

    def publish(self, event: Event, *, callback: bool = False) -> Event:
        self.callbacks.append(callback)
        if event.type in CONTRACTS.types:
            assert not CONTRACTS.named(event.type, event.dataschema).violations(event.data)
        self.events.append(event)
        return event


@dataclass
class FakeMailbox:
    """What was asked of the queue, in order; ``broken`` makes it unreachable."""

    retried: list[tuple[str, int]] = field(default_factory=list)
    postponed: list[tuple[str, int, int]] = field(default_factory=list)
    buried: list[DeadLetter] = field(default_factory=list)
    broken: bool = False

    def retry(self, message: Message, seconds: int) -> None:
        self._check()
        self.retried.append((message.id, seconds))

    def postpone(self, message: Message, seconds: int, due_millis: int) -> None:
        self._check()
        self.postponed.append((message.id, seconds, due_millis))

    def bury(self, message: Message, letter: DeadLetter) -> None:
        self._check()
        self.buried.append(letter)

    def _check(self) -> None:
        if self.broken:
            raise StoreUnavailable("the queue cannot be reached")


@dataclass
class FakePace:
    """Hands out the slots it is given, or else one that is due."""

    slots: list[Slot] = field(default_factory=list)

    def book(self, team: str, limits: Limits) -> Slot:
        return self.slots.pop(0) if self.slots else Slot(int(NOW.timestamp() * 1000), 1)


@dataclass
class FakeRecords:
    """Keeps records for as long as the test lives."""

    kept: dict[tuple[str, str], RunRecord] = field(default_factory=dict)

    def accept(self, record: RunRecord) -> RunRecord:
        return self.kept.setdefault((record.team, record.id), record)

    def find(self, team: str, run_id: str) -> RunRecord | None:
        return self.kept.get((team, run_id))

    def begin(self, team: str, run_id: str, at: datetime) -> RunRecord:
        found = self.find(team, run_id)
        if found is None:
            raise NotFound("gone")
        return self._change(found, at) if found.outcome else self._change(found, at, "running")

    def succeed(self, record: RunRecord, outcome: Outcome, at: datetime) -> None:
        self._change(record, at, "succeeded", outcome=outcome)

    def fail(self, record: RunRecord, problem: JsonObject, at: datetime) -> None:
        self._change(record, at, "failed", problem=problem)

    def _change(
        self, record: RunRecord, at: datetime, status: str | None = None, **changes: Any
    ) -> RunRecord:
        changes |= {"changed_at": at, "status": status or record.status}
        changed = record.model_copy(update=changes)
        self.kept[record.team, record.id] = changed
        return changed


@dataclass
class FakeReceiver:
    """Replies what it is told to, or fails so; keeps what it was sent."""

    reply: Reply | Exception = field(default_factory=lambda: Reply(200))
    posted: list[tuple[Callback, Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, to: Callback, headers: Mapping[str, str], body: bytes) -> Reply:
        self.posted.append((to, headers, body))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@dataclass
class FakeWebhookKeys:
    keys: tuple[bytes, ...] = (b"k" * 32,)

    def of(self, team: str) -> Sequence[bytes]:
        return self.keys


@dataclass
class FakeSpan:
    attributes: dict[str, object] = field(default_factory=dict)
    context: TraceContext = field(
        default_factory=lambda: TraceContext(f"00-{'a' * 32}-{'b' * 16}-01")
    )

    def note(self, attributes: Attributes) -> None:
        self.attributes.update(attributes)

    def fail(self, kind: str) -> None:
        self.attributes["error.type"] = kind


@dataclass
class FakeTelemetry:
    spans: list[FakeSpan] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    deliveries: list[tuple[str, float | None]] = field(default_factory=list)
    dead_letters: list[str] = field(default_factory=list)
    unsettled: list[int] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)

    @contextmanager
    def span(
        self, name: str, parent: TraceContext | None = None, *, kind: SpanKind = "internal"
    ) -> Iterator[FakeSpan]:
        opened = FakeSpan({"name": name, "parent": parent, "kind": kind})
        self.spans.append(opened)
        yield opened

    def count_run(self, run: Run, *, status: str, seconds: float) -> None:
        self.counted.append(status)
        self.agents.append(run.agent)
        self.traces.append(run.trace.trace_id if run.trace else None)

    def count_unsettled(self, run: Run) -> None:
        self.unsettled.append(run.meter.cost_micro_usd)

    def count_delivery(
        self, agent: str, event: str, *, result: DeliveryResult, lag_seconds: float | None
    ) -> None:
        self.deliveries.append((result, lag_seconds))

    def count_batch(self, agent: str, messages: int) -> None:
        """Not looked at."""

    def count_dead_letter(self, agent: str, reason: str) -> None:
        self.dead_letters.append(reason)

    def count_webhook(self, *, result: DeliveryResult) -> None:
        self.webhooks.append(result)


def prices(**changes: Any) -> PriceList:
    """A dollar per million input tokens, five per million output tokens."""
    price: dict[str, Any] = {
        "zone": "eu",
        "since": NOW.date(),
        "verified": NOW.date(),
        "input": 1_000_000,
        "output": 5_000_000,
        "source": "test",
    }
    price |= {
        "cache_read": 100_000,
        "cache_write": 1_250_000,
        "cache_write_hour": 2_000_000,
    } | changes
    return PriceList(
        tuple(Price.model_validate(price | {"model": model}) for model in (MODEL, SECOND))
    )


def parts(**changes: Any) -> Parts:
    """All fakes; a name of ``Parts`` or of ``Governors`` puts another in its place."""
    books = changes.get("books", FakeBooks())
    governors: dict[str, Any] = {
        "model": FakeModel(),
        "allowed": frozenset({MODEL, SECOND}),
        "cache": FakeCache(books),
        "books": books,
        "breaker": FakeBreaker(),
        "prices": prices(),
        "now": lambda: NOW,
        "pause": lambda seconds: None,
        "random": lambda: 0.5,
    }
    fields: dict[str, Any] = {
        "zone": "eu",
        "region": "eu-central-1",
        "homes": {"eu": "https://eu.example.com", "us": "https://us.example.com"},
        "agents": agents(),
        "switches": FakeSwitches(),
        "memory": FakeMemory(),
        "telemetry": FakeTelemetry(),
        "trail": FakeTrail(),
    }
    governors = {name: changes.pop(name, part) for name, part in governors.items()}
    return Parts(**fields | changes, governors=Governors(**governors))


@dataclass
class FakeTools:
    """A model that says what it is told to say; keeps what it was asked."""

    reply: BaseModel
    today: date = date(2026, 11, 22)
    prompts: list[Prompt] = field(default_factory=list)

    def ask(self, prompt: Prompt, reply: type[ReplyT]) -> ReplyT:
        self.prompts.append(prompt)
        return reply.model_validate(self.reply.model_dump())
