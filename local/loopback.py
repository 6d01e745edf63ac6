"""An HTTP server on the loopback address, served from a thread of its own."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

HOST = "127.0.0.1"
CLOSE_SECONDS = 0.1
"""How often a server looks whether it is to close."""


class LoopbackServer(ThreadingHTTPServer):
    """Listens from the start, on a free port unless one is named; serves from ``start`` on."""

    daemon_threads = True
    scheme = "http"

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__((HOST, port), handler)
        self._thread = Thread(target=self.serve_forever, args=(CLOSE_SECONDS,), daemon=True)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
