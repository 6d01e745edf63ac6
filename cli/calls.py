"""Calls of a running stack, as any client makes them."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.state import Running

PATIENCE_SECONDS = 35
"""A little more than API Gateway has."""
OR_A_REGION = "name the region of your AWS account, such as --region eu-central-1"


class CannotCall(Exception):
    """A call cannot be made; the message says what to do."""


def here(stack: Running | None, otherwise: str = OR_A_REGION) -> Running:
    """The local stack, for a command that can do without it if it is told something else.

    Raises:
        CannotCall: none is running.
    """
    if stack is None:
        start = "no local stack is running; start one with 'make run' in another terminal"
        msg = f"{start}, or {otherwise}" if otherwise else start
        raise CannotCall(msg)
    return stack


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back over HTTP."""

    status: int
    body: dict[str, Any]
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status < httpx.codes.BAD_REQUEST


def read_input(source: str) -> dict[str, Any]:
    """The JSON object in a file, or on standard input for ``-``.

    Raises:
        CannotCall: there is none.
    """
    found = read_json(source)
    if not isinstance(found, dict):
        msg = f"{source} holds JSON, but no object"
        raise CannotCall(msg)
    # A sample of an agent is its request and the reply; its request is an input like any other.
    return found["request"] if {"request", "reply"} <= found.keys() else found


def read_json(source: str) -> Any:
    """Whatever JSON there is in a file, or on standard input for ``-``.

    Raises:
        CannotCall: there is none.
    """
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        msg = f"{source} cannot be read: {error.strerror}"
        raise CannotCall(msg) from None
    except ValueError as error:
        msg = f"{source} is no JSON: {error}"
        raise CannotCall(msg) from None


def run(
    stack: Running,
    token: str,
    agent: str,
    given: dict[str, Any],
    *,
    workflow: str | None = None,
    key: str | None = None,
    later: bool = False,
) -> Answered:
    """``POST /v1/agents/{agent}/run``."""
    prefer = "respond-async" if later else None
    headers = {"X-Workflow": workflow, "Idempotency-Key": key, "Prefer": prefer}
    present = {name: value for name, value in headers.items() if value}
    return _call(stack, token, "POST", f"/v1/agents/{agent}/run", {"input": given}, present)


def ended(stack: Running, token: str, run_id: str) -> Answered:
    """``GET /v1/runs/{id}`` until it is over."""
    while True:
        found = _call(stack, token, "GET", f"/v1/runs/{run_id}")
        if not found.ok or found.body["status"] not in {"queued", "running"}:
            return found
        time.sleep(1)


def publish(stack: Running, token: str, events: Any) -> Answered:
    """``POST /v1/events``: one event, or an array of them."""
    return _call(stack, token, "POST", "/v1/events", events)


def agents(stack: Running, token: str, query: str | None) -> Answered:
    """The catalogue, or the part of it that has the words."""
    path = "/v1/agents/search?" + str(httpx.QueryParams(q=query)) if query else "/v1/agents"
    return _call(stack, token, "GET", path)


def _call(
    stack: Running,
    token: str,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> Answered:
    try:
        response = httpx.request(
            method,
            f"{stack.gateway_url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
        found = response.json()
    except httpx.TransportError as error:
        msg = f"the local stack at {stack.gateway_url} does not answer ({type(error).__name__})"
        raise CannotCall(msg) from None
    except ValueError:
        found = {"detail": response.text[:500]}
    return Answered(response.status_code, found, response.elapsed.total_seconds())
