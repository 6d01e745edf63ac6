"""The Lambda Runtime API for one worker process, over which ``awslambdaric`` takes its work.

The runtime asks for the next invocation and waits; whoever holds this object hands one in and
waits for the answer. Everything else that Lambda's API can do (extensions, telemetry) has no
counterpart here.
"""

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from threading import Condition
from typing import Any

from local.invocation import MAX_PAYLOAD_BYTES, Invocation, Reply, too_large
from local.loopback import LoopbackServer

_ROOT = "/2018-06-01/runtime"


class RuntimeApi:
    """Hands invocations to one runtime and takes its answers, one at a time."""

    def __init__(self, timeout_seconds: int, now: Callable[[], float] = time.time) -> None:
        self._timeout_seconds = timeout_seconds
        self._now = now
        self._changed = Condition()
        self._waiting = False
        self._given: Invocation | None = None
        self._reply: Reply | None = None
        self._init_error: Reply | None = None
        self._closed = False
        self._server = _Server(_Handler)
        self._server.api = self
        self._server.start()

    @property
    def address(self) -> str:
        return self._server.address

    def wait_until_ready(self, timeout_seconds: float) -> Reply | None:
        """Wait until the runtime asks for work; an error of its initialisation, if it had one."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._init_error or self._closed, timeout_seconds
            )
            return self._init_error

    @property
    def ready(self) -> bool:
        return self._waiting

    def give(self, invocation: Invocation) -> None:
        """Hand in an invocation; its time runs from when the runtime takes it."""
        with self._changed:
            self._given, self._reply = invocation, None
            self._changed.notify_all()

    def wait_for_reply(self, timeout_seconds: float) -> Reply | None:
        """The reply to what was given; None when the time is over or the API was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._reply or self._closed, timeout_seconds)
            return self._reply

    def close(self) -> None:
        """Stop serving: the process behind it has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.stop()

    def take(self) -> tuple[Invocation, int] | None:
        """Called by the runtime: the next invocation and its deadline in milliseconds."""
        with self._changed:
            self._waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._given or self._closed)
            given, self._given, self._waiting = self._given, None, False
            if given is None:
                return None
            return given, int((self._now() + self._timeout_seconds) * 1000)

    def answer(self, reply: Reply) -> None:
        """Called by the runtime: the answer to the invocation that it took."""
        if len(reply.payload) > MAX_PAYLOAD_BYTES:
            reply = too_large(len(reply.payload))
        with self._changed:
            self._reply = reply
            self._changed.notify_all()

    def fail_init(self, reply: Reply) -> None:
        """Called by the runtime: the handler could not be loaded."""
        with self._changed:
            self._init_error = reply
            self._changed.notify_all()


class _Server(LoopbackServer):
    api: RuntimeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed worker breaks its connection; who waits for it learns that from its end."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one segment: the runtime's client would otherwise wait 40 ms for
    # the delayed acknowledgement of the first one, on every call.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        if self.path == f"{_ROOT}/restore/next":
            # Deviation from AWS: no snapshot is taken, the hooks of a restore just run at once.
            self._send(200, b"")
            return
        taken = self.server.api.take()
        if taken is None:
            self.close_connection = True
            return
        invocation, deadline_ms = taken
        self._send(
            200,
            invocation.payload,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
                "Lambda-Runtime-Trace-Id": invocation.trace,
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/response"):
            self.server.api.answer(Reply(body))
        elif self.path.startswith(f"{_ROOT}/invocation/"):
            self.server.api.answer(Reply(body, "Unhandled"))
        else:
            self.server.api.fail_init(Reply(body, "Unhandled"))
        self._send(202, b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class's name
        """A call of the runtime is no news."""

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
