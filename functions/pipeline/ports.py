"""What the stages need from the outside world, in the stages' own words.

Adapters implement these; tests fake them in a few lines. Every method may raise the errors of
``functions.domain.errors`` and no others.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from functions.domain.agent import Agent
from functions.domain.audit import AuditLine
from functions.domain.budget import Reservation
from functions.domain.cache import CachedAnswer, CacheKey
from functions.domain.event import Event
from functions.domain.flags import Decision
from functions.domain.message import DeadLetter, Message
from functions.domain.names import JsonObject, MicroUsd
from functions.domain.pace import Slot
from functions.domain.personal_data.entities import Finding
from functions.domain.pricing import Usage
from functions.domain.prompt import Prompt
from functions.domain.record import RunRecord
from functions.domain.restriction import Restriction
from functions.domain.run import Outcome, Run
from functions.domain.team import Limits
from functions.pipeline.span_ports import Spans

Agents = Callable[[str], Agent]
"""Finds an agent of this bundle; raises LookupError when there is none."""

DeliveryResult = Literal["succeeded", "retried", "postponed", "dead-lettered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call of a model: everything that the provider is told."""

    model: str
    prompt: Prompt
    schema_name: str
    schema: JsonObject
    max_output_tokens: int
    temperature: float
    deadline: datetime
    tags: dict[str, str]
    """Who asks: they go to the provider's invocation log, never content."""
    repair: tuple[str, str] | None = None
    """The reply that did not fit, and what is wrong with it."""
    attempt: int = 1
    """How often this model is asked it, with this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said, and what the provider counted."""

    text: str
    model: str
    """The model that was asked."""
    usage: Usage
    answered_by: str
    latency_ms: int
    stop_reason: str

    @classmethod
    def again(cls, found: CachedAnswer) -> "Answer":
        """An earlier answer, for which nobody was asked and nothing is paid."""
        return cls(
            text=found.text,
            model=found.model,
            usage=Usage(),
            answered_by=found.answered_by,
            latency_ms=0,
            stop_reason="end_turn",
        )


class Model(Protocol):
    """A model provider."""

    def ask(self, question: Question) -> Answer:
        """Raises ModelUnavailable, ModelRefused, OutOfTime or UpstreamError."""
        ...


class Memory(Protocol):
    """Remembers the outcome of a run under its key, so that it happens once."""

    def once(self, run: Run, produce: Callable[[], Outcome], *, most_bytes: int) -> Outcome:
        """Produce the outcome, or return the recorded one with ``replayed`` set.

        ``most_bytes`` is the most that the outcome's output can have: where it will be kept is
        decided before it is paid for.

        Raises:
            RunInProgress: another run with this key is being worked on.
            IdempotencyKeyReused: the key was used with another input.
            StoreUnavailable: the records could not be read or written.
        """
        ...


class Flags(Protocol):
    """What all flags say at one moment."""

    @property
    def names(self) -> Collection[str]: ...

    def splits(self, flag: str) -> bool:
        """Whether its rules tell a team's users apart, by their bucket."""
        ...

    def decide(self, flag: str, context: JsonObject) -> Decision:
        """The value of a flag that there is; a context never makes it fail."""
        ...


class Switches(Protocol):
    """Flags that people change while everything runs."""

    def flags(self) -> Flags | None:
        """The flags as they were half a minute ago or later, else the last that were read.

        None when none were ever read. It never fails: who can do without flags goes on.
        """
        ...


class Books(Protocol):
    """Keeps what was promised and spent, by whom and on what."""

    def reserve(self, run: Run, amount: MicroUsd) -> Reservation:
        """Promise money to a call that may cost as much.

        Raises:
            BudgetExhausted: one of the team's limits does not have it, or is suspended.
            Downgraded: one of them takes cheap models only, and the run is not so far yet.
            StoreUnavailable: the books cannot be reached, so nothing may be spent.
        """
        ...

    def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
        """Write all that a run leaves behind, at once or not at all.

        What was promised goes back, what was spent is taken, each run that used a model gets its
        ledger line, fresh answers go into the cache, and the outcome of a run with a key is
        remembered: it can neither be paid and forgotten, nor remembered and not be paid. Doing it
        twice does it once.
        """
        ...


class Restrictions(Protocol):
    """Keeps what teams' policies make of budgets that run low."""

    def place(self, restriction: Restriction, shards: int) -> bool:
        """Restrict the team's runs for the month; doing it twice does it once.

        Whether it stands as asked for. It does not where an earlier one stands, or where somebody
        has lifted it. It may raise StoreUnavailable.
        """
        ...


class AuditTrail(Protocol):
    """Keeps who asked for what and what was decided, apart from the logs. Nobody reads it here."""

    def write(self, lines: Sequence[AuditLine]) -> None:
        """Hand over these lines; a line that is handed over twice is still one.

        Raises:
            StoreUnavailable: a line is in no store now, and an alarm has been told so.
        """
        ...


class Cache(Protocol):
    """Earlier answers of models."""

    def find(self, key: CacheKey) -> CachedAnswer | None:
        """One read. A cache that cannot be read has nothing: it is no reason to fail."""
        ...


class Breaker(Protocol):
    """Keeps calls away from a model that is down, for all functions together."""

    def guard(self, model: str, call: Callable[[], Answer]) -> Answer:
        """Make the call, unless the model's circuit is open.

        Raises:
            ModelUnavailable: the circuit is open, or the call itself raised it.
        """
        ...


class Detector(Protocol):
    """Finds personal data, besides the gatehouse's own detector."""

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The findings of each text; they may overlap.

        Raises:
            ScanFailed: not every text could be read, so nothing may be said of any.
        """
        ...


class Publisher(Protocol):
    """Hands events to whoever consumes them."""

    def publish(self, event: Event, *, callback: bool = False) -> Event:
        """Hand over an event, and say how it was sent: within a trace.

        ``callback`` says that somebody wants it sent on as a webhook. It may raise
        StoreUnavailable.
        """
        ...


class Records(Protocol):
    """Keeps runs that are accepted now and done later. Each method may raise StoreUnavailable."""

    def accept(self, record: RunRecord) -> RunRecord:
        """Keep the record, unless there is one of this id: then that one is returned."""
        ...

    def find(self, team: str, run_id: str) -> RunRecord | None: ...

    def begin(self, team: str, run_id: str, at: datetime) -> RunRecord:
        """Note that it is being worked on; one that has succeeded is returned as it is.

        Raises:
            NotFound: there is no such run, or it is no longer kept.
        """
        ...

    def succeed(self, record: RunRecord, outcome: Outcome, at: datetime) -> None: ...

    def fail(self, record: RunRecord, problem: JsonObject, at: datetime) -> None: ...


class Pace(Protocol):
    """Hands out the slots in which a team's events may become runs."""

    def book(self, team: str, limits: Limits) -> Slot:
        """The team's next slot, which nobody else gets.

        Raises:
            StoreUnavailable: the slots could not be read or written.
        """
        ...


class Mailbox(Protocol):
    """The queue that a message came from. Each method may raise StoreUnavailable."""

    def retry(self, message: Message, seconds: int) -> None:
        """Have this message delivered again after so many seconds, as a further attempt."""
        ...

    def postpone(self, message: Message, seconds: int, due_millis: int) -> None:
        """Send a copy that is delivered later and has not been tried at all."""
        ...

    def bury(self, message: Message, letter: DeadLetter) -> None:
        """Send a copy to the dead-letter queue, with the reason."""
        ...


class Telemetry(Spans, Protocol):
    """Traces and measures runs."""

    def count_run(self, run: Run, *, status: str, seconds: float) -> None:
        """One run ended: ``succeeded`` or the slug of its error."""
        ...

    def count_unsettled(self, run: Run) -> None:
        """A run used a model, and the books could not be told: somebody must book it later."""
        ...

    def count_delivery(
        self, agent: str, event: str, *, result: DeliveryResult, lag_seconds: float | None
    ) -> None:
        """One message was worked on; its lag is the time since its event happened."""
        ...

    def count_batch(self, agent: str, messages: int) -> None:
        """A function took so many messages at a time."""
        ...

    def count_dead_letter(self, agent: str, reason: str) -> None:
        """A message was given up."""
        ...

    def count_webhook(self, *, result: DeliveryResult) -> None:
        """A result was sent to where its caller wants it, or was not."""
        ...
