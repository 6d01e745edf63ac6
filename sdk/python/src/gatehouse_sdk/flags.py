"""The gatehouse's feature flags: which agents are switched on, for whom.

    asked for ──→ fresh (20 s) ──→ asked again with the ETag ──→ fresh
                                        │ no answer
                                        └──→ still used until 60 s old ──→ closed

A flag of which nothing recent is known is closed: nobody keeps a switched-off agent alive by being
offline.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from gatehouse_sdk import _calls
from gatehouse_sdk._client import Client
from gatehouse_sdk._errors import GatehouseError
from gatehouse_sdk._exchange import Limits
from gatehouse_sdk._process import PerProcess
from gatehouse_sdk._results import KnownFlags

__all__ = ["Flags", "FlagsLimits", "Resolution"]

V = TypeVar("V")
MOST_CONTEXTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsLimits:
    """How old an answer may be. Somebody who asks waits for news no longer than the timeout."""

    max_age_seconds: float = 60
    refresh_seconds: float = 20
    retry_seconds: float = 5
    timeout_seconds: float = 3


@dataclass(frozen=True, slots=True)
class Resolution:
    """A flag's value and why it is so, in OpenFeature's words."""

    value: Any
    reason: str
    variant: str | None = None
    error_code: str | None = None


class _Entry:
    """What is known for one context; the lock is held by whoever asks for news."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.answer: KnownFlags | None = None
        self.checked_at = float("-inf")
        self.asked_at = float("-inf")


class _Entries:
    """The contexts that were asked for last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[str, _Entry] = {}

    def named(self, name: str) -> _Entry:
        with self._lock:
            entry = self._found.pop(name, None) or _Entry()
            self._found[name] = entry  # the one used last is the last to go
            if len(self._found) > MOST_CONTEXTS:
                del self._found[next(iter(self._found))]
            return entry


_DEFAULT = FlagsLimits()
_NOBODY: Mapping[str, Any] = {}


class Flags:
    """Flags for any number of users, asked for through a client; for threads, and after a fork.

    Args:
        client: asks the gatehouse.
        closed: what a flag is while nothing recent is known of it. Unless given here, a boolean is
            false, and any other flag is what the code asks with.
        limits: how old an answer may be.

    Example:
        >>> flags = Flags(client)  # doctest: +SKIP
        >>> if flags.is_on("agent.ticket_summary", {"targetingKey": "user-7"}):  # doctest: +SKIP
        ...     client.run("ticket_summary", ticket)
    """

    def __init__(
        self,
        client: Client,
        *,
        closed: Mapping[str, Any] | None = None,
        limits: FlagsLimits = _DEFAULT,
    ) -> None:
        self._client = client
        self._closed = dict(closed or {})
        self._limits = limits
        self._entries = PerProcess(_Entries)

    def is_on(self, key: str, context: Mapping[str, Any] = _NOBODY) -> bool:
        """Whether a boolean flag is on; one that does not exist is off."""
        return self.value(key, default=False, context=context) is True

    def value(self, key: str, default: V, context: Mapping[str, Any] = _NOBODY) -> V:
        """A flag's value; the default when there is no such flag or it is of another type."""
        found: V = self.details(key, default, context).value
        return found

    def details(
        self, key: str, default: object, context: Mapping[str, Any] = _NOBODY
    ) -> Resolution:
        """A flag's value, and why it is so."""
        known = self._current(context)
        if known is None:
            closed = False if isinstance(default, bool) else default
            return Resolution(self._closed.get(key, closed), "STALE")
        flag = known.flags.get(key)
        if flag is None:
            return Resolution(default, "ERROR", error_code="FLAG_NOT_FOUND")
        if code := flag.get("errorCode"):
            return Resolution(default, "ERROR", error_code=str(code))
        if _kind(flag.get("value")) != _kind(default):
            return Resolution(default, "ERROR", error_code="TYPE_MISMATCH")
        return Resolution(flag["value"], flag.get("reason", "UNKNOWN"), flag.get("variant"))

    def refresh(self, context: Mapping[str, Any] = _NOBODY) -> bool:
        """Ask now; False when there was no answer."""
        entry = self._entry(context)
        with entry.lock:
            return self._ask(entry, context)

    def _current(self, context: Mapping[str, Any]) -> KnownFlags | None:
        """What is known and not too old; the first to find it old asks for news."""
        entry = self._entry(context)
        if self._is_fresh(entry):
            return entry.answer
        # With an answer that will do, nobody waits for somebody else who asks; without one all do.
        if entry.lock.acquire(blocking=not self._is_usable(entry)):
            try:
                if self._is_due(entry):
                    self._ask(entry, context)
            finally:
                entry.lock.release()
        return entry.answer if self._is_usable(entry) else None

    def _ask(self, entry: _Entry, context: Mapping[str, Any]) -> bool:
        etag = entry.answer.etag if entry.answer else None
        bounds = Limits(deadline_seconds=self._limits.timeout_seconds, max_attempts=1)
        entry.asked_at = self._now()
        try:
            news = self._client.send(_calls.flags(context, etag), limits=bounds)
        except GatehouseError:
            return False  # the hooks were told; what is known is used until it is too old
        entry.answer, entry.checked_at = news or entry.answer, entry.asked_at
        return True

    def _is_due(self, entry: _Entry) -> bool:
        asked = self._now() - entry.asked_at < self._limits.retry_seconds
        return not asked and not self._is_fresh(entry)

    def _is_fresh(self, entry: _Entry) -> bool:
        return self._now() - entry.checked_at < self._limits.refresh_seconds

    def _is_usable(self, entry: _Entry) -> bool:
        return self._now() - entry.checked_at < self._limits.max_age_seconds

    def _entry(self, context: Mapping[str, Any]) -> _Entry:
        return self._entries.get().named(_name(context))

    def _now(self) -> float:
        return self._client.session.clock.elapsed()


def _name(context: Mapping[str, Any]) -> str:
    return json.dumps(context, sort_keys=True, default=str)


def _kind(value: object) -> str:
    """JSON's types: a boolean is no number."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
    return "object"
