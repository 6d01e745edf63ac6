"""A redrive that is interrupted, at any call of SQS: nothing is lost and no event runs twice.

The command runs in a process of its own against moto, through a gate that strikes the process when
a certain call passes: before SQS sees the call, or after SQS did it and before the command knows.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import pytest
from moto.backends import get_backend

from cli.dead_letters import look, moves, queues
from cli.dead_letters.moves import Order, Pace
from cli.dead_letters.reach import Reach
from cli.dead_letters.selection import Selection
from local.aws import Aws
from local.state import Running
from tests.integration.dead_letters import AGENT, DEAD, Estate, event
from tests.integration.moto_server import moto_server
from tests.unit.local.assemblies import ACCOUNT, REGION

ROOT = Path(__file__).parents[2]
EVENTS = 4
COMMAND = "from cli.main import main; main()"
Moment = Literal["before", "after"]
CALLS = [("ReceiveMessage", 1), ("SendMessage", 1), ("DeleteMessage", 1)]


@dataclass
class Strike:
    """Which signal, and at which call."""

    number: signal.Signals
    call: str
    nth: int
    moment: Moment
    victim: subprocess.Popen[str] | None = None
    passed: Counter[str] = field(default_factory=Counter)

    def at(self, call: str, moment: Moment) -> None:
        if (call, self.passed[call], moment) == (self.call, self.nth, self.moment):
            assert self.victim
            self.victim.send_signal(self.number)
            if self.number == signal.SIGKILL:
                self.victim.wait()


@contextmanager
def gate(target: str, strike: Strike) -> Iterator[str]:
    """A way to moto on which each call is looked at."""

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = self.headers["X-Amz-Target"].rpartition(".")[2]
            strike.passed[call] += 1
            strike.at(call, "before")
            request = urllib.request.Request(target + self.path, body, dict(self.headers))  # noqa: S310  # moto's URL
            if strike.victim and strike.victim.poll() is not None:
                return  # the caller is dead, and its call never arrived
            with urllib.request.urlopen(request) as reply:  # noqa: S310  # moto's URL
                answer = reply.read()
            strike.at(call, "after")
            if strike.victim and strike.victim.poll() is not None:
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers["Content-Type"])
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with moto_server() as url:
        yield Aws(url, REGION)


@pytest.fixture
def estate(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    # All of moto's messages are in one place, so no receive has to wait for more.
    monkeypatch.setattr(look, "POLL_SECONDS", 0)
    found = Estate(aws.client("sqs"))
    for number in range(EVENTS):
        found.bury(json.dumps(event(number)))
    yield found
    for url in (found.work, found.dead):
        found.sqs.delete_queue(QueueUrl=url)


def interrupted(aws_url: str, state: Path, strike: Strike) -> int:
    """Redrive until the strike; the exit code."""
    with gate(aws_url, strike) as url:
        stack = Running.model_construct(
            pid=os.getpid(),
            region=REGION,
            gateway_url="",
            aws_url=url,
            lambda_url="",
            model_url="",
            model={},
            identity_url="", functions=(), queues={}, tables=(), topics=(), logs=state,
        )  # fmt: skip
        stack.save(state)
        strike.victim = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "dlq", "redrive", "--agent", AGENT, "--yes"],
            cwd=ROOT,
            env=os.environ | {"GATEHOUSE_STATE": str(state)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output, _ = strike.victim.communicate(timeout=60)
        assert strike.passed[strike.call] >= strike.nth, output
        return strike.victim.returncode


def redrive_the_rest(aws: Aws) -> None:
    """Again, once what a dead command received shows itself again."""
    for message in [*get_backend("sqs")[ACCOUNT][REGION].queues[DEAD].pending_messages]:
        message.change_visibility(0)
    reach = Reach(aws.client("sqs"), "moto", names_sources=False)
    found = queues.of(reach, AGENT)
    has = queues.filling(reach, found.dead_letter_urls)
    order = Order(queues=found, selection=Selection(), before=has.at, about=has.total)
    moves.redrive(reach, order, Pace(per_second=None), lambda left: None)


def consumed(estate: Estate) -> Counter[str]:
    """How many copies of each event reach the consumer, which runs the first of them."""
    return Counter(json.loads(body)["id"] for body in estate.bodies(estate.work))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(("call", "nth"), CALLS)
def test_a_killed_redrive_loses_nothing_and_doubles_at_most_the_letter_in_its_hands(
    aws: Aws, estate: Estate, tmp_path: Path, call: str, nth: int, moment: Moment
):
    strike = Strike(signal.SIGKILL, call, nth, moment)
    assert interrupted(aws.endpoint, tmp_path, strike) == -signal.SIGKILL

    redrive_the_rest(aws)

    copies = consumed(estate)
    assert copies.keys() == {f"e-{number}" for number in range(EVENTS)}
    between = (call, moment) in {("SendMessage", "after"), ("DeleteMessage", "before")}
    assert copies.total() == EVENTS + between
    assert estate.bodies(estate.dead) == []


@pytest.mark.parametrize(("call", "nth"), [("ReceiveMessage", 1), ("SendMessage", 2)])
def test_a_redrive_stopped_by_ctrl_c_doubles_nothing_and_gives_the_rest_back(
    aws: Aws, estate: Estate, tmp_path: Path, call: str, nth: int
):
    strike = Strike(signal.SIGINT, call, nth, "after")
    assert interrupted(aws.endpoint, tmp_path, strike) == 130

    gone = 0 if call == "ReceiveMessage" else nth
    assert consumed(estate).total() == gone
    assert len(estate.bodies(estate.dead)) == EVENTS - gone, "at once, and not after two minutes"

    redrive_the_rest(aws)
    assert set(consumed(estate).values()) == {1}
    assert consumed(estate).total() == EVENTS
