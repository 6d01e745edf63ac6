"""Flags in the running stack: what a caller is told, and a kill that holds within a minute."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.flags.stores import FlagFile
from functions.domain.names import JsonObject
from local import appconfig
from local.stack import LocalStack
from tests.e2e.conftest import eventually, sample

FLAGS = "/ofrep/v1/evaluate/flags"
AGENT, TEAM = "kyc_screening", "platform"
"""No other test runs this agent for this team."""

Post = Callable[..., httpx.Response]


@pytest.fixture
def file(stack: LocalStack) -> Iterator[FlagFile]:
    """What the stack's AppConfig serves; put back afterwards."""
    found = FlagFile(stack.state_dir / appconfig.FOLDER / "flags.json")
    before = found.read()
    yield found
    found.write(before, "put back")


def gatehouse(stack: LocalStack, *arguments: str) -> str:
    """What the command line prints."""
    command = [str(Path(sys.executable).with_name("gatehouse")), *arguments]
    env = {**os.environ, "GATEHOUSE_STATE": str(stack.state_dir), "COLUMNS": "200"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.fixture
def post(http: httpx.Client, stack: LocalStack) -> Post:
    token = stack.identity.mint(TEAM)

    def send(path: str, body: JsonObject, **headers: str) -> httpx.Response:
        return http.post(path, json=body, headers={"Authorization": f"Bearer {token}", **headers})

    return send


def test_a_killed_agent_is_off_within_a_minute_for_runs_and_in_its_flag(
    post: Post, stack: LocalStack, file: FlagFile
) -> None:
    def run() -> httpx.Response:
        return post(f"/v1/agents/{AGENT}/run", {"input": sample(AGENT)})

    def refused() -> Any:
        answered = run()
        return answered if answered.status_code == 503 else None

    assert post(f"{FLAGS}/agent.{AGENT}", {}).json()["value"] is True
    assert run().status_code == 200

    began = time.monotonic()
    gatehouse(stack, "flags", "off", AGENT, "--team", TEAM)
    problem = eventually(refused, seconds=60)

    assert time.monotonic() - began < 60
    assert problem.json()["type"].endswith(":agent-switched-off")
    assert problem.headers["Retry-After"] == "60"
    flag = post(f"{FLAGS}/agent.{AGENT}", {}).json()
    assert (flag["value"], flag["variant"]) == (False, f"switched off for {TEAM}")
    assert f"off for {TEAM}" in gatehouse(stack, "flags", "list")
    gatehouse(stack, "flags", "on", AGENT, "--team", TEAM)
    assert file.read()[f"agent.{AGENT}"] == {"default": True}


def test_all_flags_come_once_and_then_only_when_they_have_changed(post: Post) -> None:
    body = {"context": {"targetingKey": "user-1"}}
    first = post(FLAGS, body)
    again = post(FLAGS, body, **{"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert f"agent.{AGENT}" in {flag["key"] for flag in first.json()["flags"]}
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    ("key", "body", "status", "code"),
    [
        ("nothing", {}, 404, "FLAG_NOT_FOUND"),
        ("helpdesk.ticket-panel", {}, 400, "TARGETING_KEY_MISSING"),
        (f"agent.{AGENT}", {"context": {"team": "retail"}}, 400, "INVALID_CONTEXT"),
        (f"agent.{AGENT}", {"context": []}, 400, "INVALID_CONTEXT"),
    ],
)
def test_a_failure_is_a_problem_and_a_failure_of_the_protocol(
    post: Post, key: str, body: JsonObject, status: int, code: str
) -> None:
    answered = post(f"{FLAGS}/{key}", body)

    found = answered.json()
    assert answered.status_code == found["status"] == status
    assert answered.headers["Content-Type"] == "application/problem+json"
    assert (found["key"], found["errorCode"]) == (key, code)
    assert found["errorDetails"] == found["detail"]


def test_flags_need_a_token_like_everything_else(http: httpx.Client) -> None:
    assert http.post(FLAGS, json={}).status_code == 401
