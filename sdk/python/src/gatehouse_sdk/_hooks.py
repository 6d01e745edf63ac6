"""Telemetry hooks: what the client tells its host, in durations and ids and never in content."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

QueueAction = Literal["enqueued", "delivered", "delayed", "dead", "dropped"]
E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Which call it is, of which agent, in whose trace, and how many times it was tried."""

    call: str
    agent: str | None
    number: int
    traceparent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent:
    """An attempt begins."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseReceived:
    """An attempt ended with a reply, good or bad."""

    attempt: Attempt
    status: int
    request_id: str | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPlanned:
    """An attempt failed, and another follows after a pause."""

    attempt: Attempt
    slug: str
    pause_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed:
    """A call ended with an error; ``seconds`` counts all of its attempts and pauses."""

    attempt: Attempt
    slug: str
    status: int | None
    request_id: str | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChanged:
    """Something happened to a queued call; ``waiting`` is how many are left."""

    action: QueueAction
    call: str
    agent: str | None
    key: str
    waiting: int
    age_seconds: float
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Functions that are told what happens; each may be left out, none can break a call.

    ``traceparent`` gives the caller's current trace context, so that runs become part of its trace.
    """

    on_request: Callable[[RequestSent], object] | None = None
    on_response: Callable[[ResponseReceived], object] | None = None
    on_retry: Callable[[RetryPlanned], object] | None = None
    on_error: Callable[[CallFailed], object] | None = None
    on_queue: Callable[[QueueChanged], object] | None = None
    traceparent: Callable[[], str | None] | None = None


def ask(hook: Callable[[], str | None] | None) -> str | None:
    """What a hook says; None when it fails."""
    found: list[str | None] = []
    tell(None if hook is None else lambda _: found.append(hook()), None)
    return found[0] if found else None


def tell(hook: Callable[[E], object] | None, event: E) -> None:
    """Call a hook; what it raises is logged, since telemetry may not lose a run."""
    if hook is None:
        return
    try:
        hook(event)
    except Exception:  # whatever it is: a hook is foreign code
        import logging  # a twentieth of this package's import time

        logging.getLogger("gatehouse_sdk").warning("a telemetry hook failed", exc_info=True)
