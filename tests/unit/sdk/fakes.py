"""A gatehouse in memory that applies each key once, and a network that can be switched off."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gatehouse_sdk import Client, ConnectionFailed, Hooks, QueueChanged, Reply, Request
from gatehouse_sdk._errors import unreachable
from tests.unit.sdk.cases import FakeClock

URL = "https://eu.gatehouse.test"


class FakeGatehouse:
    """A transport; ``applied`` counts what was done, by its key."""

    def __init__(self) -> None:
        self.applied: Counter[str] = Counter()
        self.requests: list[Request] = []
        self.online = True
        self.replies: list[Reply] = []
        """Given instead of an answer, one after the other."""

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        self.requests.append(request)
        if not self.online:
            raise unreachable(ConnectionFailed, "offline")
        if self.replies:
            return self.replies.pop(0)
        body = json.loads(request.body or b"{}")
        return self._event(body) if request.url.endswith("/events") else self._run(request, body)

    def close(self) -> None:
        """Nothing is open."""

    def _run(self, request: Request, body: dict[str, Any]) -> Reply:
        key = request.headers["Idempotency-Key"].strip('"')
        replayed = key in self.applied
        self.applied[key] += not replayed
        agent = re.search("/agents/([^/]+)/", request.url)
        outcome = {"id": f"run_{key}", "agent": agent and agent[1], "output": body["input"]}
        return reply(200, outcome, **{"idempotent-replayed": "true"} if replayed else {})

    def _event(self, body: dict[str, Any]) -> Reply:
        self.applied[body["id"]] += body["id"] not in self.applied
        return reply(202, {"results": [{"id": body["id"], "status": 202}]})


def reply(status: int, body: object, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(body).encode())


def problem(status: int, slug: str, *, retryable: bool, **headers: str) -> Reply:
    body = {"type": f"urn:gatehouse:problem:{slug}", "detail": "d", "retryable": retryable}
    return reply(status, body, **headers)


class Recorder:
    """Hooks that remember."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        add = self.events.append
        self.hooks = Hooks(
            on_request=add, on_response=add, on_retry=add, on_error=add, on_queue=add
        )

    @property
    def actions(self) -> list[str]:
        return [event.action for event in self.events if isinstance(event, QueueChanged)]

    def keys_of(self, action: str) -> list[str]:
        changes = [event for event in self.events if isinstance(event, QueueChanged)]
        return [change.key for change in changes if change.action == action]

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def client_of(
    gatehouse: FakeGatehouse, clock: FakeClock | None = None, hooks: Hooks | None = None
) -> Client:
    return Client(URL, "token", transport=gatehouse, clock=clock or FakeClock(), hooks=hooks)


def keys_in(requests: Iterable[Request]) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in requests]
