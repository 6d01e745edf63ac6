"""The endpoint as a server: it takes turns, lets callers go, starts and stops cleanly."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.model.backends import About, Reply
from local.model.generation import Call, Generation, token_usage
from tests.integration.model_endpoint import MODEL, served, user

ROOT = Path(__file__).parents[2]


class SlowBackend:
    """Answers one call at a time, each when it is told to; notes what becomes of them."""

    about = About("scripted", "slow", concurrency=1)

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.stopped = threading.Semaphore(0)
        self.finish = threading.Event()

    async def generate(self, call: Call) -> Reply:
        """Say one word at once, and the rest when told to."""
        self.started.release()
        try:
            yield "Once "
            while not self.finish.is_set():  # noqa: ASYNC110 - the event is of another thread
                await asyncio.sleep(0.01)
        finally:
            self.stopped.release()
        yield Generation([{"text": "Once again"}], "end_turn", token_usage(1, 1), "slow")

    async def count_tokens(self, call: Call) -> int:
        """Count nothing."""
        return 0

    async def aclose(self) -> None:
        """Nothing is held."""


def ask(url: str, operation: str = "converse") -> httpx.Response:
    return httpx.post(f"{url}/model/{MODEL}/{operation}", json={"messages": user("Hello")})


@contextmanager
def in_background(work: Any, *arguments: Any) -> Iterator[None]:
    thread = threading.Thread(target=work, args=arguments)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def leave_after_the_first_bytes(url: str, operation: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{url}/model/{MODEL}/{operation}", json={"messages": user("Hello")}, timeout=0.3
        )


@pytest.mark.parametrize("operation", ["converse", "converse-stream"])
def test_a_caller_who_leaves_ends_the_work_and_frees_the_place(operation: str):
    backend = SlowBackend()
    with served(backend) as url:
        leave_after_the_first_bytes(url, operation)
        assert backend.stopped.acquire(timeout=60)
        backend.finish.set()
        assert ask(url).json()["output"]["message"]["content"] == [{"text": "Once again"}]


def test_calls_wait_their_turn_while_the_endpoint_stays_responsive():
    backend = SlowBackend()
    answers: list[int] = []
    with served(backend) as url:

        def note() -> None:
            answers.append(ask(url).status_code)

        with in_background(note), in_background(note):
            assert backend.started.acquire(timeout=60)
            assert httpx.get(f"{url}/health").json()["model"] == "slow"
            assert not backend.started.acquire(timeout=0.2)
            backend.finish.set()
    assert answers == [200, 200]


def test_a_reply_in_the_making_is_cut_off_with_a_message_when_the_endpoint_stops():
    backend = SlowBackend()
    answers: list[httpx.Response] = []
    with served(backend) as url:
        threading.Thread(target=lambda: answers.append(ask(url))).start()
        assert backend.started.acquire(timeout=60)
    (answer,) = answers
    assert answer.status_code == 503
    assert answer.headers["x-amzn-ErrorType"] == "ServiceUnavailableException"


@contextmanager
def process(
    *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "local.model", *arguments]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_where_it_answers_and_ends_well_at_a_signal(
    number: signal.Signals, tmp_path: Path
):
    script = tmp_path / "script.toml"
    script.write_text('default = { reply = "Hi", latency_ms = 60000 }')
    with process("--model", f"scripted:{script}") as child:
        assert child.stdout
        assert child.stderr
        line = json.loads(child.stdout.readline())
        answers: list[int] = []
        with in_background(lambda: answers.append(ask(line["url"]).status_code)):
            while not httpx.get(f"{line['url']}/_scripted/calls").json()["calls"]:
                time.sleep(0.01)
            child.send_signal(number)
            assert child.wait(10) == 0
        assert {**line, "url": ""} == {"url": "", "model": "scripted", "demo": True}
        assert answers == [503]
        assert child.stdout.read() == ""
        assert child.stderr.read() == ""


def test_a_port_that_is_taken_ends_the_process_with_what_to_do(tmp_path: Path):
    script = tmp_path / "script.toml"
    script.write_text('default = { reply = "Hi" }')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with process("--model", f"scripted:{script}", "--port", port) as child:
            out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (2, "")
    assert err == f"port {port} cannot be had (Address already in use): give another.\n"


def test_a_choice_that_cannot_be_had_ends_the_process_with_what_to_do(tmp_path: Path):
    with process(env={"GATEHOUSE_MODEL": f"scripted:{tmp_path}/none.toml"}) as child:
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (2, "")
    assert err.startswith("GATEHOUSE_MODEL: the script ")
    assert "cannot be read" in err
