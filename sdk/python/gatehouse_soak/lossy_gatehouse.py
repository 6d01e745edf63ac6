"""A gatehouse on loopback that does each key once and answers as badly as networks and servers do.

It counts by the operation that is named in the body, not by the key: a client that sent one
operation under two keys would be found out.
"""

import hashlib
import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

HANG_SECONDS = 2.5
OFFLINE_EVERY_SECONDS = 4.0
OFFLINE_FOR_SECONDS = 0.6
FAULTS = (
    ("503", 4),
    ("500", 2),
    ("429", 2),
    ("401", 1),
    ("cut before", 3),
    ("cut after", 5),
    ("hang after", 0.5),
    ("html 502 after", 1),
    ("none", 81.5),
)
"""What happens to a request, and how often in a hundred; ``after`` means after it was done."""


class Ledger:
    """What was done, by operation; the truth at the end."""

    def __init__(self, seed: int) -> None:
        self.applied: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self._done: dict[str, tuple[str, dict[str, Any]]] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311  # faults, not secrets
        self._began = time.monotonic()

    def fault(self) -> str:
        with self._lock:
            names, weights = zip(*FAULTS, strict=True)
            (chosen,) = self._chance.choices(names, weights)
            offline = (time.monotonic() - self._began) % OFFLINE_EVERY_SECONDS
            kind: str = "offline" if offline < OFFLINE_FOR_SECONDS else chosen
            self.happened[kind] += 1
            return kind

    def do(self, key: str, body: bytes) -> tuple[int, dict[str, Any], bool]:
        """The status, the body and whether it is an earlier answer."""
        digest = hashlib.sha256(body).hexdigest()
        with self._lock:
            if key in self._busy:
                return 409, _problem("run-in-progress", retryable=True), False
            if known := self._done.get(key):
                same = known[0] == digest
                return (200, known[1], True) if same else (422, _problem("key-reused"), False)
            self._busy.add(key)
        time.sleep(0.001)  # time for another process to come with the same key
        given = json.loads(body)["input"]
        outcome = {"id": f"run_{key}", "agent": "ticket_summary", "output": given}
        with self._lock:
            self.applied[given["operation"]] += 1
            self._done[key] = (digest, outcome)
            self._busy.discard(key)
        return 200, outcome, False


class LossyGatehouse:
    """The server, on a free port of 127.0.0.1."""

    def __init__(self, seed: int) -> None:
        self.ledger = Ledger(seed)
        handler = type("Handler", (_Handler,), {"ledger": self.ledger})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed has hung up; that is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for headers and body
    ledger: Ledger

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # its sender was killed while it spoke
            self.close_connection = True
            return
        key = self.headers["Idempotency-Key"]
        fault = self.ledger.fault()
        if fault in ("offline", "cut before"):
            self.close_connection = True
        elif fault.isdigit():
            self._answer(int(fault), _problem(f"injected-{fault}", retryable=fault != "401"))
        else:
            self._do(key, body, fault)

    def _do(self, key: str, body: bytes, fault: str) -> None:
        status, answer, replayed = self.ledger.do(key, body)
        if fault == "cut after":
            self.close_connection = True
        elif fault == "hang after":
            time.sleep(HANG_SECONDS)
            self.close_connection = True
        elif fault.startswith("html"):
            self._answer(502, "<html>Bad Gateway</html>")
        else:
            self._answer(status, answer, replayed=replayed)

    def _answer(self, status: int, body: object, *, replayed: bool = False) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        if replayed:
            self.send_header("Idempotent-Replayed", "true")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """The ledger says what happened."""


def _problem(slug: str, *, retryable: bool = False) -> dict[str, Any]:
    return {"type": f"urn:gatehouse:problem:{slug}", "detail": "injected", "retryable": retryable}
