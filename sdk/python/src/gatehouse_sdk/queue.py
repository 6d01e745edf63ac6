"""A queue on disk for what cannot be sent now: nothing is lost and nothing is done twice.

    enqueue ──→ waiting ──→ answered: deleted, ``on_delivered``
                   │  ▲
                   │  └── network, 5xx, 429, 401: later
                   └────→ dead: ``on_dead``, kept for a person

The key is minted when the user acts and stored with the body, both never change, and a call is
deleted only after the server's answer. Several processes may share the file; each of them may be
killed at any moment.
"""  # the name that users know it by; imports are absolute

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gatehouse_sdk import _calls
from gatehouse_sdk._calls import Call, Json, StoredCall, Wishes
from gatehouse_sdk._client import Client
from gatehouse_sdk._errors import ConnectionFailed, Expired, GatehouseError, PayloadTooLarge
from gatehouse_sdk._flusher import Flusher
from gatehouse_sdk._hooks import QueueAction, QueueChanged, tell
from gatehouse_sdk._process import PerProcess
from gatehouse_sdk._queue_store import LONGEST_DELAY_SECONDS, DeadLetter, Queued, QueueStore
from gatehouse_sdk._results import Outcome, Published

__all__ = ["DeadLetter", "Flushed", "Queue", "QueueLimits", "Queued", "StoredCall"]

LONGEST_BACKOFF_SECONDS = 60.0
UNAUTHENTICATED, TOO_MANY = 401, 429
Result = Outcome | Published


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """What a queue holds at most, and for how long.

    The server keeps a key for seven days, so a call of more than six is never sent again. A lease
    must outlast one attempt: 35 seconds and what ``on_delivered`` takes.
    """

    max_items: int = 1_000
    max_bytes: int = 5_000_000
    max_age_seconds: float = 6 * 24 * 3600
    lease_seconds: float = 90


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one flush did."""

    delivered: int
    dead: int
    waiting: int


_DEFAULT = QueueLimits()


class Queue:
    """Calls that are kept until the server has answered them.

    Use one file for each user or team: whoever flushes sends all of it, with the client's token.

    Args:
        path: the file; it is made with mode 0600. Local disks only.
        client: sends the calls.
        on_delivered: is told each answer before the call is deleted, so after a crash it may be
            told the same answer again. What it raises leaves the call in the queue.
        on_dead: is told of calls that cannot succeed as they are.
        limits: how much is kept, and how long.

    Example:
        >>> with Queue("requests.db", client, on_delivered=show) as queue:  # doctest: +SKIP
        ...     queue.start()
        ...     queue.enqueue("ticket_summary", {"messages": [...]}, idempotency_key="click-81")
    """

    def __init__(
        self,
        path: str | Path,
        client: Client,
        *,
        on_delivered: Callable[[Queued, Result], object] | None = None,
        on_dead: Callable[[Queued, GatehouseError], object] | None = None,
        limits: QueueLimits = _DEFAULT,
    ) -> None:
        self._client = client
        self._clock = client.session.clock
        self._store = QueueStore(path)
        self._on_delivered = on_delivered
        self._on_dead = on_dead
        self._limits = limits
        self._flusher: PerProcess[Flusher] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the background flusher and close the file; what waits stays."""
        self.stop()
        self._store.close()

    def enqueue(
        self,
        agent: str,
        given: Json,
        *,
        idempotency_key: str | None = None,
        workflow: str | None = None,
        traceparent: str | None = None,
    ) -> str:
        """Keep a run; it is on disk when this returns its key.

        The same key with the same input is kept once, however often a button is clicked.

        Raises:
            IdempotencyKeyReused: the key waits here with another input.
            PayloadTooLarge: the input alone is larger than the queue.
        """
        session = self._client.session
        wishes = Wishes(
            key=idempotency_key,
            workflow=workflow or session.workflow,
            traceparent=traceparent or session.current_traceparent(),
        )
        return self._keep(_calls.run(agent, given, wishes))

    def publish(self, event: Json, *, workflow: str | None = None) -> str:
        """Keep one CloudEvent; an absent id is minted now, and never again."""
        tag = workflow or self._client.session.workflow
        return self._keep(_calls.publish(event, self._clock.wall(), tag))

    def flush(self) -> Flushed:
        """Send what may be sent now, the oldest first, until all is sent or the network fails."""
        delivered = dead = 0
        while queued := self._claim():
            outcome = self._deliver(queued)
            delivered += outcome == "delivered"
            dead += outcome == "dead"
            if outcome == "offline":
                break
        return Flushed(delivered, dead, self._store.count())

    def start(self, interval_seconds: float = 5) -> None:
        """Flush in the background, now, at intervals and after each ``enqueue``."""
        if self._flusher is None:
            self._flusher = PerProcess(lambda: Flusher(self.flush, interval_seconds))
        self._flusher.get()

    def stop(self) -> None:
        """End the background flusher of this process."""
        flusher = self._flusher.take() if self._flusher else None
        self._flusher = None
        if flusher:
            flusher.stop()

    def waiting(self) -> list[Queued]:
        return self._store.waiting()

    def dead_letters(self) -> list[DeadLetter]:
        return self._store.dead_letters()

    def revive(self, key: str) -> bool:
        """Let a dead letter wait again; False when there is none of this key.

        The server forgets a key after seven days: what is older than that would be done anew.
        """
        revived = self._store.revive(key, self._clock.wall()) > 0
        self._wake()
        return revived

    def discard(self, key: str) -> bool:
        """Delete what has this key, dead or waiting."""
        return self._store.discard(key) > 0

    def clear(self) -> None:
        """Delete everything, such as when a user logs out."""
        self._store.clear()

    def _keep(self, call: Call[Any]) -> str:
        stored, now = _calls.storable(call), self._clock.wall()
        if len(stored.body) > self._limits.max_bytes:
            msg = f"The queue holds {self._limits.max_bytes} bytes; this call alone is larger."
            raise PayloadTooLarge(msg)
        if self._store.add(stored, now):
            self._tell("enqueued", Queued(stored, now, 0, 0, None))
            for dropped in self._store.trim(self._limits.max_items, self._limits.max_bytes, now):
                self._tell("dropped", dropped)
        self._wake()
        return stored.key

    def _claim(self) -> Queued | None:
        now = self._clock.wall()
        return self._store.claim(
            now, self._limits.lease_seconds, now - self._limits.max_age_seconds
        )

    def _deliver(self, queued: Queued) -> str:
        if self._clock.wall() - queued.created_at >= self._limits.max_age_seconds:
            return self._bury(queued, Expired("The call waited too long and was not sent."))
        try:
            answer = self._send(queued)
        except GatehouseError as error:
            return self._failed(queued, error)
        except BaseException:
            self._store.postpone(queued, self._clock.wall())
            raise
        if self._on_delivered:
            self._hand_over(queued, answer)
        self._store.forget(queued)
        self._tell("delivered", queued)
        return "delivered"

    def _send(self, queued: Queued) -> Result:
        """One attempt: the pauses between them are the queue's, so that others are not held up."""
        lease = self._limits.lease_seconds * 0.8
        bounds = replace(self._client.session.limits, deadline_seconds=lease, max_attempts=1)
        answer: Result = self._client.send(_calls.restored(queued.call), limits=bounds)
        if isinstance(answer, Published) and answer.error:
            raise answer.error
        return answer

    def _hand_over(self, queued: Queued, answer: Result) -> None:
        try:
            if self._on_delivered:
                self._on_delivered(queued, answer)
        except BaseException:
            self._store.postpone(queued, self._clock.wall() + self._backoff(queued))
            raise

    def _failed(self, queued: Queued, error: GatehouseError) -> str:
        if not error.retryable and error.status not in (UNAUTHENTICATED, TOO_MANY):
            return self._bury(queued, error)
        seconds = max(self._backoff(queued), error.retry_after or 0)
        until = self._clock.wall() + min(seconds, LONGEST_DELAY_SECONDS)
        self._store.postpone(queued, until)
        self._tell("delayed", queued, error.slug)
        offline = isinstance(error, ConnectionFailed) or error.status == UNAUTHENTICATED
        return "offline" if offline else "delayed"

    def _backoff(self, queued: Queued) -> float:
        ceiling = min(LONGEST_BACKOFF_SECONDS, 0.5 * 2 ** min(queued.attempts, 10))
        return float(ceiling * self._clock.jitter())

    def _bury(self, queued: Queued, error: GatehouseError) -> str:
        self._store.bury(queued, error, self._clock.wall())
        self._tell("dead", queued, error.slug)
        if self._on_dead:
            self._on_dead(queued, error)
        return "dead"

    def _tell(self, action: QueueAction, queued: Queued, slug: str | None = None) -> None:
        hook = self._client.session.hooks.on_queue
        if hook is None:
            return
        changed = QueueChanged(
            action=action,
            call=queued.call.name,
            agent=queued.call.agent,
            key=queued.call.key,
            waiting=self._store.count(),
            age_seconds=max(0.0, self._clock.wall() - queued.created_at),
            slug=slug,
        )
        tell(hook, changed)

    def _wake(self) -> None:
        if self._flusher:
            self._flusher.get().wake()
