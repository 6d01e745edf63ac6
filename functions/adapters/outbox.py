"""Spans that have ended and wait to be exported, once, at the end of a call of the function.

Nothing of it may slow or fail a run. Spans are kept in memory, up to a number. Sending them has a
bound, whatever it waits for (a name server, a handshake, a reply that drips), because it is done by
another thread that is left behind. After a failure nothing is sent for a while. What cannot be sent
is dropped and counted.

Which traces are kept was drawn when they began. A trace in which something failed here is sent all
the same: what else it did in this call is still at hand.
"""

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import StatusCode
from typing_extensions import override

MOST_SPANS = 2000
"""Of one call; a batch of 25 runs that ask a model ten times each has fewer."""
MARGIN_SECONDS = 0.2
"""Left to the function itself for its reply."""
TELLING_SECONDS = 0.04
"""Of the bound, kept for counting what was dropped, and for a thread that wakes late."""
LONGEST_PAUSE_SECONDS = 60

Send = Callable[[Sequence[ReadableSpan], float], int]
"""Sends spans within so many seconds, and says how many were not wanted; may raise anything."""
Drop = Callable[[int, str], None]
"""Told how many spans were dropped, and why."""


class Outbox(SpanProcessor):
    """Collects spans, and sends them when it is told to."""

    def __init__(
        self,
        send: Send,
        drop: Drop,
        *,
        bound_seconds: float,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._send = send
        self._drop = drop
        self._bound_seconds = bound_seconds
        self._now = now
        self._ended: list[ReadableSpan] = []
        self._overflow = 0
        self._failures = 0
        self._paused_until = 0.0
        self._sender: Thread | None = None

    @override
    def on_end(self, span: ReadableSpan) -> None:
        if len(self._ended) < MOST_SPANS:
            self._ended.append(span)
        else:
            self._overflow += 1

    def flush(self, left_seconds: float) -> None:
        """Send what has ended, if the time that is left to the function allows it."""
        spans, self._ended = _wanted(self._ended), []
        overflow, self._overflow = self._overflow, 0
        if overflow:
            self._drop(overflow, "overflow")
        if spans:
            seconds = min(self._bound_seconds, left_seconds - MARGIN_SECONDS)
            reason = self._hindrance(seconds) or self._sent(spans, seconds)
            if reason:
                self._drop(len(spans), reason)

    def _hindrance(self, seconds: float) -> str | None:
        if seconds <= 0:
            return "no-time-left"
        if self._now() < self._paused_until:
            return "paused"
        if self._sender and self._sender.is_alive():
            return "still-sending"
        return None

    def _sent(self, spans: Sequence[ReadableSpan], seconds: float) -> str | None:
        """Send them, or say why not."""
        ended: list[str | None] = []

        def work() -> None:
            try:
                unwanted = self._send(spans, seconds)
            except Exception as error:  # noqa: BLE001  # whatever it is, no run may fail of it
                ended.append(type(error).__name__)
            else:
                if unwanted:
                    self._drop(unwanted, "rejected")
                ended.append(None)

        self._sender = Thread(target=work, daemon=True)
        self._sender.start()
        self._sender.join(max(0, seconds - TELLING_SECONDS))
        reason = ended[0] if ended else "timeout"
        self._failures = self._failures + 1 if reason else 0
        if reason:
            pause = min(2.0**self._failures, LONGEST_PAUSE_SECONDS)
            self._paused_until = self._now() + pause
        return reason


def _wanted(spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    """The spans of traces that are sampled, and of those in which something failed."""
    failed = {s.context.trace_id for s in spans if s.status.status_code is StatusCode.ERROR}
    return [s for s in spans if s.context.trace_flags.sampled or s.context.trace_id in failed]
