"""A receiver that is shaped like Splunk's HTTP Event Collector with indexer acknowledgement on.

It checks what the real one checks: the token, the channel, and that an acknowledgement is asked for
on the channel that got it. Some requests can be made to fail, and some lines never to be indexed.
"""

import json
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKEN = "11111111-2222-3333-4444-555555555555"


@dataclass
class Hec:
    """A context manager; tests read what was indexed."""

    down: int = 0
    """How many requests to answer with 503 first."""
    deaf: int = 0
    """How many batches to take and never to index."""
    indexed: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _pending: dict[tuple[str, int], list[dict[str, Any]] | None] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        hec = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, told = hec.answer(self.path, dict(self.headers), body)
                text = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its own name
                """Not looked at."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(
        self, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        headers = {name.lower(): value for name, value in headers.items()}
        self.requests.append(path)
        if self.down:
            self.down -= 1
            return HTTPStatus.SERVICE_UNAVAILABLE, {"text": "Server is busy", "code": 9}
        if headers.get("authorization") != f"Splunk {TOKEN}":
            return HTTPStatus.FORBIDDEN, {"text": "Invalid token", "code": 4}
        channel = headers.get("x-splunk-request-channel")
        if not channel:
            return HTTPStatus.BAD_REQUEST, {"text": "Data channel is missing", "code": 10}
        if path == "/services/collector/raw":
            return HTTPStatus.OK, self._take(channel, body)
        asked = json.loads(body)["acks"]
        return HTTPStatus.OK, {"acks": {str(ack): self._index(channel, ack) for ack in asked}}

    def _take(self, channel: str, body: bytes) -> dict[str, Any]:
        ack = len(self._pending)
        lines = [json.loads(line) for line in body.decode().splitlines()]
        self._pending[channel, ack] = None if self.deaf else lines
        self.deaf = max(0, self.deaf - 1)
        return {"text": "Success", "code": 0, "ackId": ack}

    def _index(self, channel: str, ack: int) -> bool:
        """Indexed when it is first asked about; a status is told once."""
        lines = self._pending.pop((channel, ack), None)
        self.indexed += lines or []
        return lines is not None
