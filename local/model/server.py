"""The endpoint on a loopback port, from the first request to the last."""

import socket
from collections.abc import Callable

import uvicorn

from local.model.answering import Answering
from local.model.app import create_app
from local.model.backends import Backend

_HOST = "127.0.0.1"
# How long a reply may still take to leave after a signal.
_LAST_WORDS_SECONDS = 1


class ModelServer(uvicorn.Server):
    """Serves one backend until a signal or ``should_exit``, and closes it.

    The port is taken at once (0 takes a free one); ``ready`` is called with the URL as soon as the
    server answers there.
    """

    def __init__(self, backend: Backend, port: int, ready: Callable[[str], None]) -> None:
        self._answering = Answering(backend)
        super().__init__(
            uvicorn.Config(
                create_app(self._answering),
                lifespan="off",
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=_LAST_WORDS_SECONDS,
            )
        )
        self._ready = ready
        # Named as TCP, so that asyncio switches Nagle's delay off: it costs 40 ms a reply.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((_HOST, port))
        self.url = f"http://{_HOST}:{self._listener.getsockname()[1]}"

    def run_until_stopped(self) -> None:
        """Serve in this thread."""
        with self._listener:
            self.run(sockets=[self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop answering first: calls in flight then fail at once, in Bedrock's words."""
        await self._answering.aclose()
        await super().shutdown(sockets)
