"""The gateway behind a socket: uvicorn on a loopback port, and as little else as possible."""

import socket
from threading import Thread

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.requests import Request as AsgiRequest
from starlette.responses import Response as AsgiResponse
from starlette.types import Receive, Scope, Send

from local.gateway import MAX_BODY_BYTES, LocalGateway
from local.http import Request, Response

DISCARDED_BYTES = 10 * MAX_BODY_BYTES
"""How much of a body that is too large is read and thrown away, so that its sender, who is still
busy sending, gets to read the refusal. API Gateway closes the connection sooner."""


class GatewayServer:
    """Serves a gateway from a thread of its own."""

    def __init__(self, gateway: LocalGateway, port: int = 0) -> None:
        """Port 0 takes any free one.

        Raises:
            OSError: the port is taken.
        """
        self._gateway = gateway
        # Listening begins here: a caller may connect before the thread below is up.
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        config = uvicorn.Config(
            self._serve,
            access_log=False,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop taking requests; those that are under way are cut off."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._socket.close()
        self._gateway.close()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = AsgiRequest(scope, receive)
        try:
            request = await _read(asked)
        except ClientDisconnect:
            return
        response = await run_in_threadpool(self._gateway.handle, request)
        await _written(response)(scope, receive, send)


async def _read(asked: AsgiRequest) -> Request:
    body = bytearray()
    discarded = 0
    async for chunk in asked.stream():
        if len(body) + len(chunk) > MAX_BODY_BYTES or discarded:
            discarded += len(body) + len(chunk)
            body.clear()
        else:
            body += chunk
        if discarded > DISCARDED_BYTES:
            break
    return Request(
        method=asked.method,
        path=asked.scope["raw_path"].decode("ascii", errors="replace"),
        query=asked.url.query,
        headers=tuple(
            (name.decode("latin-1"), v.decode("latin-1")) for name, v in asked.headers.raw
        ),
        body=bytes(body),
        oversized=discarded > 0,
        source_ip=asked.client.host if asked.client else "127.0.0.1",
    )


def _written(response: Response) -> AsgiResponse:
    written = AsgiResponse(response.body, response.status)
    headers = [*response.headers, ("content-length", str(len(response.body)))]
    written.raw_headers = [(name.encode("latin-1"), v.encode("latin-1")) for name, v in headers]
    return written
