"""What stages and entrypoints need of tracing."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from functions.domain.run import TraceContext

Attributes = Mapping[str, str | float | bool | Sequence[str] | None]
SpanKind = Literal["internal", "server", "client", "producer", "consumer"]


class Span(Protocol):
    """One timed piece of work in a trace."""

    @property
    def context(self) -> TraceContext: ...

    def note(self, attributes: Attributes) -> None:
        """Add attributes, never content; an absent value adds nothing."""
        ...

    def fail(self, kind: str) -> None:
        """Note that it failed, where no error leaves the block."""
        ...


class Spans(Protocol):
    """Opens spans; one that is opened inside another is its child."""

    def span(
        self, name: str, parent: TraceContext | None = None, *, kind: SpanKind = "internal"
    ) -> AbstractContextManager[Span]:
        """Time the block; an error that leaves it is recorded by its kind.

        With a parent it joins that trace, and the span around it is linked instead; a parent that
        cannot be read begins a new trace.
        """
        ...
