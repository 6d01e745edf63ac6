"""Both Python clients do what the conformance suite says, and read headers as its vectors say."""

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from gatehouse_sdk import AsyncClient, Client, GatehouseError, Limits, MalformedRequest, Request
from gatehouse_sdk._headers import key_header, rate_limits, retry_after_seconds
from tests.unit.sdk.cases import (
    BEGAN,
    SUITE,
    Case,
    FakeClock,
    ScriptedServer,
    fits,
    load,
    shown,
    tokens,
)

CASES = sorted(SUITE.glob("*.json"))
OPTIONS = {"base_url", "tokens", "token", "workflow", "deadline_seconds", "max_attempts"}


class ScriptedAsync:
    """The scripted server for an event loop."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server

    async def send(self, request: Request, timeout_seconds: float) -> Any:
        return self.server.send(request, timeout_seconds)

    async def close(self) -> None:
        self.server.close()


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that never has to wait; an event loop would need sockets."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError


def options(case: Case, clock: FakeClock) -> dict[str, Any]:
    given = case.get("client", {})
    assert set(given) <= OPTIONS
    limits = {name: given[name] for name in ("deadline_seconds", "max_attempts") if name in given}
    return {
        "base_url": given.get("base_url", "https://eu.gatehouse.test"),
        "token": tokens(case),
        "workflow": given.get("workflow"),
        "limits": Limits(**limits),
        "clock": clock,
    }


def sync_run(case: Case, server: ScriptedServer, clock: FakeClock) -> Any:
    with Client(transport=server, **options(case, clock)) as client:
        return [_call(client, case) for _ in range(case["do"].get("times", 1))][-1]


def async_run(case: Case, server: ScriptedServer, clock: FakeClock) -> Any:
    async def everything() -> Any:
        transport = ScriptedAsync(server)
        async with AsyncClient(transport=transport, **options(case, clock)) as client:
            for _ in range(case["do"].get("times", 1)):
                last = await _call_async(client, case)
            return last

    return finished(everything())


def _arguments(case: Case) -> tuple[list[Any], dict[str, Any]]:
    args = dict(case["do"]["args"])
    names = {"publish": ["events"], "batch": ["agent", "inputs"], "agent": ["agent"], "agents": []}
    first = names.get(case["do"]["call"], ["agent", "input"])
    return [args.pop(name) for name in first], args


def _call(client: Client, case: Case) -> Any:
    call = case["do"]["call"]
    first, rest = _arguments(case)
    if call == "run_async_wait":
        seconds = rest.pop("wait_seconds", 300)
        return client.wait(client.run_async(*first, **rest), deadline_seconds=seconds)
    return getattr(client, call)(*first, **rest)


async def _call_async(client: AsyncClient, case: Case) -> Any:
    call = case["do"]["call"]
    first, rest = _arguments(case)
    if call == "run_async_wait":
        seconds = rest.pop("wait_seconds", 300)
        return await client.wait(await client.run_async(*first, **rest), deadline_seconds=seconds)
    return await getattr(client, call)(*first, **rest)


@pytest.mark.parametrize("run", [sync_run, async_run], ids=["sync", "async"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_comes_out_as_it_says(path: Path, run: Callable[..., Any]) -> None:
    case = load(path)
    clock = FakeClock()
    server = ScriptedServer(case["server"], clock)
    try:
        found = {"value": shown(run(case, server, clock))}
    except GatehouseError as error:
        found = {"error": shown(error)}
    assert fits(found, case["outcome"]), found
    assert len(server.requests) == len(server.script), "a request is missing"
    bounds = case.get("sleeps", [])
    assert len(clock.slept) == len(bounds), clock.slept
    assert all(low <= slept <= high for slept, (low, high) in zip(clock.slept, bounds, strict=True))


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SUITE / "vectors" / f"{name}.json").read_text())[
        "vectors"
    ]
    return found


@pytest.mark.parametrize("vector", vectors("retry_after"), ids=lambda v: repr(v["header"][:30]))
def test_retry_after_is_read(vector: dict[str, Any]) -> None:
    assert retry_after_seconds(vector["header"], BEGAN) == vector["seconds"]


@pytest.mark.parametrize("vector", vectors("rate_limit"), ids=lambda v: repr(v["header"][:30]))
def test_rate_limits_are_read(vector: dict[str, Any]) -> None:
    assert rate_limits(vector["header"]) == vector["limits"]


@pytest.mark.parametrize("vector", vectors("idempotency_key"), ids=lambda v: repr(v["key"][:30]))
def test_a_key_is_written_as_a_structured_field(vector: dict[str, Any]) -> None:
    if vector["header"] is None:
        with pytest.raises(MalformedRequest):
            key_header(vector["key"])
    else:
        assert key_header(vector["key"]) == vector["header"]
