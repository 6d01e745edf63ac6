"""The OTLP receiver of the local stack: keeps spans in files, and may pass them on.

It takes what functions send, OTLP over HTTP with JSON. Whoever wants to look at traces in a tool of
their own names its endpoint, and gets each request as it came.
"""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import Full, Queue
from threading import Thread

import httpx

from local.logs import Write
from local.loopback import LoopbackServer
from local.spans import SpanFiles

PATH = "/v1/traces"
JSON = "application/json"
MOST_WAITING = 1000
FORWARD_SECONDS = 5
TRACES_VARIABLE = "GATEHOUSE_TRACES"
"""The variable by which a function is told where its spans go."""
FLUSH_MILLISECONDS = 2000
"""More than on AWS: a busy laptop is slower, and a trace with holes is of no use here."""


class OtlpServer:
    """Listens on a free port of the loopback address."""

    def __init__(self, folder: Path, write: Write, forward_to: str | None = None) -> None:
        self._server = _Server(_Handler)
        self._server.files = SpanFiles(folder)
        self._server.forwarder = _Forwarder(forward_to, write) if forward_to else None
        self._server.start()

    @property
    def url(self) -> str:
        return f"{self._server.url}{PATH}"

    @property
    def variables(self) -> dict[str, str]:
        """What takes the place of the template's own: every trace, and here."""
        told = {
            "endpoint": self.url,
            "sample_ratio": 1.0,
            "flush_milliseconds": FLUSH_MILLISECONDS,
        }
        return {TRACES_VARIABLE: json.dumps(told)}

    def stop(self) -> None:
        self._server.stop()
        if self._server.forwarder:
            self._server.forwarder.stop()


class _Forwarder:
    """Sends requests on, one after the other, so that no function waits for it."""

    def __init__(self, endpoint: str, write: Write) -> None:
        self._endpoint = endpoint
        self._write = write
        self._waiting: Queue[bytes | None] = Queue(MOST_WAITING)
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def add(self, body: bytes) -> None:
        try:
            self._waiting.put_nowait(body)
        except Full:
            self._write(f"spans for {self._endpoint} were dropped: it is too slow")

    def stop(self) -> None:
        """Send what is waiting, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (body := self._waiting.get()) is not None:
            try:
                httpx.post(
                    self._endpoint,
                    content=body,
                    headers={"Content-Type": JSON},
                    timeout=FORWARD_SECONDS,
                ).raise_for_status()
            except httpx.HTTPError as error:
                self._write(f"spans for {self._endpoint} were dropped: {error}")


class _Server(LoopbackServer):
    files: SpanFiles
    forwarder: _Forwarder | None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # functions keep their connection
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != PATH:
            self._answer(404, f"send spans to {PATH}")
        elif self.headers.get_content_type() != JSON:
            self._answer(415, f"send OTLP as {JSON}")
        else:
            self._take(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """That spans came is no news."""

    def _take(self, body: bytes) -> None:
        try:
            self.server.files.add(json.loads(body))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self._answer(400, f"this is no OTLP request: {type(error).__name__} {error}")
            return
        if self.server.forwarder:
            self.server.forwarder.add(body)
        self._answer(200, "")

    def _answer(self, status: int, problem: str) -> None:
        body = json.dumps({"message": problem} if problem else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
