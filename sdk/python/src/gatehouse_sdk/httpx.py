"""The clients' requests carried by httpx: proxies, HTTP/2, your own certificates, many at a time.

Needs ``pip install agent-gatehouse-sdk[httpx]``. httpx bounds each wait for the network and not
all of them together: a server that sends its reply byte by byte may pass a deadline.
"""

import httpx

from gatehouse_sdk._errors import ConnectionFailed, TimedOut, unreachable
from gatehouse_sdk._wire import Reply, Request


class HttpxTransport:
    """For ``Client``. A client that is given is yours to close."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._owned = client is None
        self._client = client or httpx.Client()

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        try:
            found = self._client.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
                timeout=timeout_seconds,
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            raise _unreachable(error) from error
        return Reply(found.status_code, _headers(found), found.content)

    def close(self) -> None:
        if self._owned:
            self._client.close()


class AsyncHttpxTransport:
    """For ``AsyncClient``. A client that is given is yours to close."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._owned = client is None
        self._client = client or httpx.AsyncClient()

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        try:
            found = await self._client.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.body,
                timeout=timeout_seconds,
                follow_redirects=False,
            )
        except httpx.RequestError as error:
            raise _unreachable(error) from error
        return Reply(found.status_code, _headers(found), found.content)

    async def close(self) -> None:
        if self._owned:
            await self._client.aclose()


def _headers(found: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in found.headers.items()}


def _unreachable(error: httpx.RequestError) -> ConnectionFailed:
    if isinstance(error, httpx.TimeoutException):
        return unreachable(TimedOut, "No answer came in time.")
    return unreachable(
        ConnectionFailed, f"The gatehouse cannot be reached ({type(error).__name__})."
    )
