"""An identity provider's HTTPS side that does what a test tells it to."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from local import certificates

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"


@dataclass(frozen=True)
class Page:
    """What is answered; ``drips`` sends byte after byte until the server stops."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False


@dataclass
class IssuerServer:
    """Serves pages by path, and remembers what it was asked for."""

    url: str
    authority: Path
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, keys: Any) -> None:
        """Keys, and the discovery document that leads to them."""
        self.pages[KEYS] = page({"keys": list(keys)})
        self.pages[DISCOVERY] = page({"issuer": self.url, "jwks_uri": f"{self.url}{KEYS}"})

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)


def page(value: Any, **more: Any) -> Page:
    return Page(json.dumps(value).encode(), **more)


@contextmanager
def issuer_server(folder: Path) -> Iterator[IssuerServer]:
    """Listens on the loopback address with a certificate of its own authority."""
    made, stopped = certificates.issue(folder, datetime.now(UTC)), Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.server_key)
    http = _Server(("127.0.0.1", 0), _Handler)
    http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    server = IssuerServer(f"https://127.0.0.1:{http.server_address[1]}", made.authority)
    http.find, http.asked, http.stopped = server.pages.get, server.asked, stopped
    thread = Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    stopped.set()
    http.shutdown()
    http.server_close()
    thread.join()


class _Server(ThreadingHTTPServer):
    find: Callable[[str], Page | None]
    asked: list[str]
    stopped: Event
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up knows why."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.server.find(self.path) or Page(b"{}", 404)
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if not found.drips:
            self.wfile.write(found.body)
            return
        for byte in found.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.stopped.wait(0.05):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class's name
        """Tests look at what was asked."""
