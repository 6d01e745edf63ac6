"""The Python client over real sockets, with each of its transports."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import gatehouse_sdk
from gatehouse_sdk import (
    AsyncClient,
    Client,
    ConnectionFailed,
    GatehouseError,
    HttpTransport,
    Limits,
    Outcome,
    TimedOut,
)
from gatehouse_sdk.httpx import AsyncHttpxTransport, HttpxTransport
from local import certificates

AGENT = "ticket_summary"
ONCE = Limits(max_attempts=1, deadline_seconds=30)
FORKING = """
import os, sys
from gatehouse_sdk import Client
with Client(sys.argv[1], "token") as client:
    client.run("ticket_summary", {"by": "parent"})
    child = os.fork()
    client.run("ticket_summary", {"by": "child" if child == 0 else "parent"})
    if child == 0:
        os._exit(0)
    sys.exit(os.waitpid(child, 0)[1])
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent; the input's ``do`` says how."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: "Server"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.client_address[1], dict(self.headers), body))
        how = body["input"].get("do", "answer")
        text = json.dumps({"id": "run_1", "agent": AGENT, "output": body["input"]}).encode()
        getattr(self, f"_{how}")(text)

    def _answer(self, text: bytes) -> None:
        self._head(200, len(text))
        self.wfile.write(text)

    def _answer_and_close(self, text: bytes) -> None:
        """As a load balancer does that gives up an idle connection without a word."""
        self._answer(text)
        self.close_connection = True

    def _chunked(self, text: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (text[:7], text[7:]):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _hang(self, text: bytes) -> None:
        self.server.over.wait(60)

    def _drip(self, text: bytes) -> None:
        self._head(200, len(text))
        for byte in text:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.over.wait(0.5):
                return

    def _cut(self, text: bytes) -> None:
        self._head(200, len(text) + 10)
        self.wfile.write(text)
        self.close_connection = True

    def _redirect(self, text: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _head(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """What came in is in ``seen``."""


class Server(ThreadingHTTPServer):
    """Keeps what it saw: the connection's port, the headers and the body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.seen: list[tuple[int, dict[str, str], dict[str, Any]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that no longer waits has hung up."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


Run = Callable[[str, dict[str, Any]], Outcome]


def patience(given: dict[str, Any]) -> int:
    """Seconds: few where the server is too slow on purpose."""
    return 1 if given.get("do") in {"hang", "drip"} else 30


def with_client(transport: Callable[[], Any]) -> Run:
    def run(url: str, given: dict[str, Any]) -> Outcome:
        with Client(url, "token", limits=ONCE, transport=transport()) as client:
            return client.run(AGENT, given, deadline_seconds=patience(given))

    return run


def with_async_client(transport: Callable[[], Any]) -> Run:
    def run(url: str, given: dict[str, Any]) -> Outcome:
        async def everything() -> Outcome:
            async with AsyncClient(url, "token", limits=ONCE, transport=transport()) as client:
                return await client.run(AGENT, given, deadline_seconds=patience(given))

        return asyncio.run(everything())

    return run


RUNS = {
    "standard library": with_client(HttpTransport),
    "httpx": with_client(HttpxTransport),
    "threads": with_async_client(lambda: None),
    "async httpx": with_async_client(AsyncHttpxTransport),
}


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> Run:
    return RUNS[request.param]


@pytest.mark.parametrize("how", ["answer", "chunked", "answer_and_close"])
def test_a_run_comes_back_as_it_was_answered(run: Run, server: Server, how: str) -> None:
    given = {"do": how, "text": "Grüße 😀"}
    assert run(server.url, given).output == given
    _, headers, body = server.seen[0]
    assert body == {"input": given}
    assert headers["Authorization"] == "Bearer token"


def test_a_server_that_hangs_is_left_in_time(run: Run, server: Server) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut):
        run(server.url, {"do": "hang"})
    assert time.monotonic() - began < 30


def test_a_reply_that_breaks_off_is_no_reply(run: Run, server: Server) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        run(server.url, {"do": "cut"})
    assert failed.value.retryable


def test_a_server_that_is_not_there_is_a_network_error(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionFailed) as failed:
        run(f"http://127.0.0.1:{port}", {})
    assert failed.value.slug == "network-error"


def test_a_name_that_cannot_be_one_is_a_network_error() -> None:
    for host in ("a" * 70 + ".test", "a..test"):
        with pytest.raises(ConnectionFailed):
            RUNS["standard library"](f"https://{host}", {})


def test_a_redirect_does_not_take_the_token_elsewhere(run: Run, server: Server) -> None:
    with pytest.raises(GatehouseError) as failed:
        run(server.url, {"do": "redirect"})
    assert failed.value.slug == "http-302"
    assert len(server.seen) == 1


def test_a_server_that_answers_byte_by_byte_does_not_outlast_the_deadline(server: Server) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut):
        RUNS["standard library"](server.url, {"do": "drip"})
    assert time.monotonic() - began < 30


def test_connections_are_kept(server: Server) -> None:
    with Client(server.url, "token") as client:
        for _ in range(5):
            client.run(AGENT, {})
    assert len({port for port, _, _ in server.seen}) == 1


def test_a_kept_connection_that_the_server_closed_is_no_failure(server: Server) -> None:
    with Client(server.url, "token", limits=ONCE) as client:
        client.run(AGENT, {"do": "answer_and_close"})
        client.run(AGENT, {})
    assert len(server.seen) == 2


def test_many_threads_share_a_client_and_get_their_own_answers(server: Server) -> None:
    with Client(server.url, "token") as client, ThreadPoolExecutor(12) as threads:
        found = list(threads.map(lambda n: client.run(AGENT, {"n": n}).output["n"], range(200)))
    assert found == list(range(200))
    keys = [headers["Idempotency-Key"] for _, headers, _ in server.seen]
    assert len(set(keys)) == 200


def test_many_tasks_share_an_asynchronous_client(server: Server) -> None:
    async def everything() -> list[int]:
        async with AsyncClient(server.url, "token") as client:
            runs = (client.run(AGENT, {"n": n}) for n in range(50))
            return [outcome.output["n"] for outcome in await asyncio.gather(*runs)]

    assert asyncio.run(everything()) == list(range(50))


def test_a_forked_child_does_not_share_its_parents_connection(server: Server) -> None:
    source = Path(gatehouse_sdk.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", FORKING, server.url],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    ports = {body["input"]["by"]: port for port, _, body in server.seen}
    assert len(server.seen) == 3
    assert ports["child"] != ports["parent"]


def test_only_a_trusted_certificate_gets_the_token(server: Server, tmp_path: Path) -> None:
    made = certificates.issue(tmp_path, datetime.now(UTC))
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(made.server, made.server_key)
    server.socket = inside.wrap_socket(server.socket, server_side=True)
    url = server.url.replace("http:", "https:")
    with Client(url, "token", limits=ONCE) as client, pytest.raises(ConnectionFailed):
        client.run(AGENT, {})
    assert not server.seen
    tls = ssl.create_default_context(cafile=str(made.authority))
    with Client(url, "token", limits=ONCE, transport=HttpTransport(tls=tls)) as client:
        assert client.run(AGENT, {"n": 1}).output == {"n": 1}
