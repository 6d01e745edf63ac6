"""Webhooks against a real TLS server on this machine, whose answers a test chooses."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.https import HttpsReceiver, addresses
from functions.domain.callback import Callback, is_public
from functions.domain.errors import CallbackNotAllowed, ReceiverFailed
from functions.pipeline.deliver import Reply
from local.certificates import Certificates, issue

HOST = "hooks.example.com"
HERE = "127.0.0.1"
BODY = b'{"status": "succeeded"}'


TOO_LONG_SECONDS = 60.0
"""Then even a server that takes its time gives up: a test that fails must end."""


def read_all(handler: BaseHTTPRequestHandler) -> bytes:
    return handler.rfile.read(int(handler.headers["Content-Length"]))


@dataclass
class Answering:
    """A receiver of webhooks: reads and answers by functions, and keeps what it got."""

    port: int = 0
    read: Callable[[BaseHTTPRequestHandler], bytes] = read_all
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: reply(handler, 204)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def callback(self) -> Callback:
        return Callback(HOST, self.port, "/done?key=1")


def reply(handler: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


@contextmanager
def serving(certificates: Certificates) -> Iterator[Answering]:
    told = Answering()

    class Handler(BaseHTTPRequestHandler):
        """Hands everything to the test."""

        def do_POST(self) -> None:
            try:
                told.got.append((self.path, dict(self.headers.items()), told.read(self)))
                told.answer(self)
            except OSError:
                told.ended.set()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HERE, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.server_key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.port = server.server_port
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue(tmp_path_factory.mktemp("tls"), datetime.now(UTC), HOST)


@pytest.fixture
def server(certificates: Certificates) -> Iterator[Answering]:
    with serving(certificates) as found:
        yield found


@pytest.fixture
def receiver(certificates: Certificates) -> HttpsReceiver:
    return a_receiver(certificates.authority)


def a_receiver(authority: Path | None, **changes: Any) -> HttpsReceiver:
    """Finds every host on this machine, and may go there."""
    given: dict[str, Any] = {
        "resolve": lambda host, port: (HERE,),
        "may_reach": lambda address: True,
        "patience_seconds": 5.0,
    }
    return HttpsReceiver(ssl.create_default_context(cafile=authority), **given | changes)


def test_what_is_sent_arrives_as_it_is(server: Answering, receiver: HttpsReceiver):
    assert receiver.post(server.callback, {"Webhook-Id": "m-1"}, BODY) == Reply(204)
    ((path, headers, body),) = server.got
    assert (path, body) == ("/done?key=1", BODY)
    assert headers["Webhook-Id"] == "m-1"
    assert headers["Host"] == f"{HOST}:{server.port}"


def test_each_time_is_a_connection_of_its_own(server: Answering, receiver: HttpsReceiver):
    answers = [500, 200]
    server.answer = lambda handler: reply(handler, answers.pop(0), Retry_After="7")
    said = [receiver.post(server.callback, {}, BODY) for _ in range(2)]
    assert said == [Reply(500, "7"), Reply(200, "7")]


@pytest.mark.parametrize("status", [301, 307, 410])
def test_whatever_is_answered_nothing_else_is_asked(
    server: Answering, receiver: HttpsReceiver, status: int
):
    elsewhere = f"https://{HOST}:{server.port}/elsewhere"
    server.answer = lambda handler: reply(handler, status, Location=elsewhere)
    assert receiver.post(server.callback, {}, BODY).status == status
    assert [path for path, _, _ in server.got] == ["/done?key=1"]


def test_a_large_body_of_the_receiver_is_not_read(server: Answering, receiver: HttpsReceiver):
    def talk(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, 200)
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answer = talk
    assert receiver.post(server.callback, {}, BODY) == Reply(200)
    assert server.ended.wait(5), "it was cut off"


def test_a_large_result_is_sent_whole(server: Answering, receiver: HttpsReceiver):
    body = b"x" * 5_000_000
    assert receiver.post(server.callback, {}, body) == Reply(204)
    assert server.got[0][2] == body


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, so that no single wait is long."""
    ends_at = time.monotonic() + TOO_LONG_SECONDS
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while time.monotonic() < ends_at:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        threading.Event().wait(0.02)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Waits until the other side has gone."""
    handler.connection.settimeout(TOO_LONG_SECONDS)
    handler.connection.recv(1)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Says again and again that it will answer."""
    ends_at = time.monotonic() + TOO_LONG_SECONDS
    while time.monotonic() < ends_at:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("answer", [drip, silent, endless])
def test_a_receiver_that_takes_its_time_is_left(
    server: Answering, certificates: Certificates, answer: Callable[[Any], None]
):
    server.answer = answer
    began = time.monotonic()
    with pytest.raises(ReceiverFailed, match="in time"):
        a_receiver(certificates.authority, patience_seconds=0.5).post(server.callback, {}, BODY)
    assert time.monotonic() - began < TOO_LONG_SECONDS / 2


def sip(handler: BaseHTTPRequestHandler) -> bytes:
    """A little now and then, so that no single wait is long."""
    ends_at = time.monotonic() + TOO_LONG_SECONDS
    while time.monotonic() < ends_at and handler.rfile.read(16_384):
        threading.Event().wait(0.02)
    return b""


def test_a_receiver_that_is_slow_to_listen_is_left(server: Answering, certificates: Certificates):
    server.read = sip
    began = time.monotonic()
    with pytest.raises(ReceiverFailed, match="in time"):
        a_receiver(certificates.authority, patience_seconds=0.5).post(
            server.callback, {}, b"x" * 20_000_000
        )
    assert time.monotonic() - began < TOO_LONG_SECONDS / 2


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_none_is_a_failure(
    server: Answering, receiver: HttpsReceiver, answer: bytes
):
    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)

    server.answer = say
    with pytest.raises(ReceiverFailed):
        receiver.post(server.callback, {}, BODY)


def test_a_server_that_is_not_the_host_gets_nothing(server: Answering, receiver: HttpsReceiver):
    other = Callback("other.example.com", server.port, "/")
    with pytest.raises(ReceiverFailed, match="SSLCertVerificationError"):
        receiver.post(other, {}, BODY)
    assert not server.got


def test_a_server_that_nobody_vouches_for_gets_nothing(server: Answering):
    with pytest.raises(ReceiverFailed, match="SSLCertVerificationError"):
        a_receiver(None).post(server.callback, {}, BODY)
    assert not server.got


@pytest.mark.parametrize("found", [(HERE,), ("93.184.216.34", HERE), ("::1", "8.8.8.8")])
def test_a_host_with_one_private_address_is_not_reached_at_all(
    server: Answering, certificates: Certificates, found: tuple[str, ...]
):
    guarded = a_receiver(
        certificates.authority, may_reach=is_public, resolve=lambda host, port: found
    )
    with pytest.raises(CallbackNotAllowed, match=f"{HOST} has an address that is not public"):
        guarded.post(server.callback, {}, BODY)
    assert not server.got


def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_later(
    server: Answering, certificates: Certificates
):
    looked_up = []

    def resolve(host: str, port: int) -> tuple[str, ...]:
        looked_up.append((host, port))
        return (HERE,)

    a_receiver(certificates.authority, resolve=resolve).post(server.callback, {}, BODY)
    assert looked_up == [(HOST, server.port)]


def test_the_next_address_is_tried_when_one_cannot_be_reached(
    server: Answering, certificates: Certificates
):
    # The second address of this machine's loopback network, where nobody listens.
    patient = a_receiver(certificates.authority, resolve=lambda host, port: ("127.0.0.2", HERE))
    assert patient.post(server.callback, {}, BODY) == Reply(204)


def test_addresses_that_every_function_can_reach_come_first():
    assert addresses("localhost", 443)[0] == HERE


def test_a_proxy_of_the_environment_is_not_asked(
    server: Answering, receiver: HttpsReceiver, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert receiver.post(server.callback, {}, BODY) == Reply(204)


def test_a_header_that_would_be_two_is_refused(server: Answering, receiver: HttpsReceiver):
    with pytest.raises(ValueError, match="header"):
        receiver.post(server.callback, {"Webhook-Id": "m\r\nX-Evil: 1"}, BODY)
    assert not server.got


def test_a_name_that_nobody_knows_is_a_failure_that_may_pass():
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise OSError

    with pytest.raises(ReceiverFailed):
        a_receiver(None, resolve=unknown).post(Callback(HOST, 443, "/"), {}, BODY)
