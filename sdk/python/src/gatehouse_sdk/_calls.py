"""The calls of the HTTP interface as values: what is sent is decided before the first attempt.

A call can be sent any number of times, also by another process: its key and its body never change.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from gatehouse_sdk import _results
from gatehouse_sdk._errors import MalformedRequest
from gatehouse_sdk._headers import key_header
from gatehouse_sdk._results import BatchResult, KnownFlags, Outcome, Published, Run
from gatehouse_sdk._wire import JsonObject, Reply

T_co = TypeVar("T_co", covariant=True)
Json = Mapping[str, Any]
MOST_BATCH_ITEMS = 25
MOST_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T_co]):
    """One call, ready to be sent; ``name`` and ``agent`` are for telemetry."""

    name: str
    method: str
    path: str
    read: Callable[[Reply], T_co]
    agent: str | None = None
    body: bytes | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    not_modified: bool = False
    """Whether 304 is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a caller may say about one run besides its input."""

    key: str | None = None
    workflow: str | None = None
    cache_control: str | None = None
    traceparent: str | None = None

    def headers(self, key: str) -> dict[str, str]:
        found = {
            "Idempotency-Key": key_header(key),
            "X-Workflow": self.workflow,
            "Cache-Control": self.cache_control,
            "traceparent": self.traceparent,
        }
        return {name: _header(name, value) for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """What must be kept of a ``run`` or of one event's ``publish`` to send it again."""

    name: str
    path: str
    agent: str | None
    key: str
    headers: Mapping[str, str]
    body: bytes


_STORABLE: dict[str, Callable[[Reply], Any]] = {
    "run": _results.read_outcome,
    "publish": lambda reply: _results.read_published(reply, 1)[0],
}


def storable(call: Call[Any]) -> StoredCall:
    """The part of a call that never changes; an event is known by its source and its id."""
    body = call.body or b""
    return StoredCall(
        name=call.name,
        path=call.path,
        agent=call.agent,
        key=call.key or _event_key(body),
        headers=dict(call.headers),
        body=body,
    )


def run(agent: str, given: Json, wishes: Wishes) -> Call[Outcome]:
    key = mint() if wishes.key is None else wishes.key
    return Call(
        name="run",
        method="POST",
        path=f"{_agent_path(agent)}/run",
        read=_results.read_outcome,
        agent=agent,
        body=_json({"input": given}),
        key=key,
        headers=wishes.headers(key),
    )


def run_async(agent: str, given: Json, wishes: Wishes) -> Call[Run]:
    key = mint() if wishes.key is None else wishes.key
    return Call(
        name="run_async",
        method="POST",
        path=f"{_agent_path(agent)}/run",
        read=_results.read_run,
        agent=agent,
        body=_json({"input": given}),
        key=key,
        headers=wishes.headers(key) | {"Prefer": "respond-async"},
    )


def status(run_id: str) -> Call[Run]:
    path = f"/v1/runs/{quote(run_id, safe='')}"
    return Call(name="status", method="GET", path=path, read=_results.read_run)


def batch(
    agent: str,
    given: Sequence[Json],
    keys: Sequence[str | None] | None,
    workflow: str | None,
) -> Call[list[BatchResult]]:
    if not 1 <= len(given) <= MOST_BATCH_ITEMS:
        msg = f"A batch takes 1 to {MOST_BATCH_ITEMS} inputs; these are {len(given)}."
        raise MalformedRequest(msg)
    if keys is not None and len(keys) != len(given):
        msg = "A batch takes one key for each input, or none at all."
        raise MalformedRequest(msg)
    named = [mint() if key is None else _checked(key) for key in keys or [None] * len(given)]
    items = [{"input": one, "key": key} for one, key in zip(given, named, strict=True)]
    return Call(
        name="batch",
        method="POST",
        path=f"{_agent_path(agent)}/batch",
        read=lambda reply: _results.read_batch(reply, len(items)),
        agent=agent,
        body=_json({"items": items}),
        headers=_workflow(workflow),
    )


def publish(
    events: Json | Sequence[Json], now: float, workflow: str | None
) -> Call[list[Published]]:
    """One CloudEvent or up to ten; an absent version, id and time are filled in, once."""
    alone = isinstance(events, Mapping)
    some: Sequence[Json] = [events] if isinstance(events, Mapping) else events
    if not 1 <= len(some) <= MOST_EVENTS:
        msg = f"One request takes 1 to {MOST_EVENTS} events; these are {len(some)}."
        raise MalformedRequest(msg)
    whole = [_event(event, now) for event in some]
    return Call(
        name="publish",
        method="POST",
        path="/v1/events",
        read=lambda reply: _results.read_published(reply, len(whole)),
        body=_json(whole[0] if alone else whole),
        headers=_workflow(workflow),
    )


def agents(query: str | None) -> Call[list[JsonObject]]:
    search = "" if query is None else f"/search?q={quote(query, safe='')}"
    return Call(name="agents", method="GET", path=f"/v1/agents{search}", read=_results.read_agents)


def agent(name: str) -> Call[JsonObject]:
    path = _agent_path(name)
    return Call(name="agent", method="GET", path=path, read=_results.read_object, agent=name)


def restored(stored: "StoredCall") -> Call[Any]:
    """A call as it was first made, so that its repetition is the same to the server."""
    return Call(
        name=stored.name,
        method="POST",
        path=stored.path,
        read=_STORABLE[stored.name],
        agent=stored.agent,
        body=stored.body,
        key=stored.key,
        headers=stored.headers,
    )


def flags(context: Json, etag: str | None) -> Call[KnownFlags | None]:
    """All flags for a context; None when they are still those of the ETag."""
    return Call(
        name="flags",
        method="POST",
        path="/ofrep/v1/evaluate/flags",
        read=_results.read_flags,
        body=_json({"context": context}),
        headers={} if etag is None else {"If-None-Match": etag},
        not_modified=True,
    )


def mint() -> str:
    """A key that nobody else has: 128 bits of the system's randomness."""
    return os.urandom(16).hex()


def _agent_path(name: str) -> str:
    if name.strip(".") == "":
        msg = "An agent's name is needed; '', '.' and '..' are none."
        raise MalformedRequest(msg)
    return f"/v1/agents/{quote(name, safe='')}"


def _event(event: Json, now: float) -> JsonObject:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return {"specversion": "1.0", "id": mint(), "time": at, **event}


def _event_key(body: bytes) -> str:
    event = json.loads(body)
    return f"{event.get('source', '')} {event['id']}"


def _json(value: object) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"The input is no JSON ({type(error).__name__})."
        raise MalformedRequest(msg) from None


def _workflow(name: str | None) -> dict[str, str]:
    return {} if name is None else {"X-Workflow": _header("X-Workflow", name)}


def _checked(key: str) -> str:
    key_header(key)
    return key


def _header(name: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        msg = f"{name} takes printable ASCII characters only."
        raise MalformedRequest(msg)
    return value
