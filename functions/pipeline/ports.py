"""What the stages need from the outside world, in the stages' own words.

Adapters implement these; tests fake them in a few lines. Every method may raise the errors of
``functions.domain.errors`` and no others.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.domain.agent import Agent
from functions.domain.event import Event
from functions.domain.names import JsonObject
from functions.domain.pricing import Usage
from functions.domain.prompt import Prompt
from functions.domain.run import Outcome, Run, TraceContext

Agents = Callable[[str], Agent]
"""Finds an agent of this bundle; raises LookupError when there is none."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said, and what the provider counted."""

    text: str
    usage: Usage
    answered_by: str
    latency_ms: int
    stop_reason: str


class Model(Protocol):
    """A model provider."""

    def ask(self, question: Question) -> Answer:
        """Raises ModelUnavailable, ModelRefused, OutOfTime or UpstreamError."""
        ...


class Memory(Protocol):
    """Remembers the outcome of a run under its key, so that it happens once."""

    def once(self, run: Run, produce: Callable[[], Outcome]) -> Outcome:
        """Produce the outcome, or return the recorded one with ``replayed`` set.

        Raises:
            RunInProgress: another run with this key is being worked on.
            IdempotencyKeyReused: the key was used with another input.
            StoreUnavailable: the records could not be read or written.
        """
        ...


class Ledger(Protocol):
    """Keeps what was spent, by whom and on what."""

    def charge(self, run: Run, status: str) -> None:
        """Append one line for a run that used a model, however it ended."""
        ...


class Publisher(Protocol):
    """Hands events to whoever consumes them."""

    def publish(self, event: Event) -> None: ...


class Span(Protocol):
    """One timed piece of work in a trace."""

    @property
    def context(self) -> TraceContext: ...

    def note(self, attributes: Mapping[str, str | float | bool | None]) -> None:
        """Add attributes, never content; an absent value adds nothing."""
        ...


class Telemetry(Protocol):
    """Traces and measures runs."""

    def span(self, name: str, parent: TraceContext | None = None) -> AbstractContextManager[Span]:
        """Time the block; an error that leaves it is recorded by its kind."""
        ...

    def count_run(self, run: Run, *, status: str, seconds: float) -> None:
        """One run ended: ``succeeded`` or the slug of its error."""
        ...
