"""HTTP with the standard library: kept connections, for many threads, also after a fork."""

import http.client
import time
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatehouse_sdk._errors import ConnectionFailed, TimedOut, unreachable
from gatehouse_sdk._process import PerProcess
from gatehouse_sdk._wire import Reply, Request

if TYPE_CHECKING:
    import ssl

IDLE_SECONDS = 25
"""A kept connection is dropped after this; load balancers close theirs after about a minute."""
MOST_IDLE = 16
CHUNK_BYTES = 65_536
Place = tuple[str, str]
Kept = tuple[http.client.HTTPConnection, float]


class HttpTransport:
    """The client's own transport.

    It verifies certificates with the system's authorities unless ``tls`` says otherwise. It knows
    no proxies: ``gatehouse_sdk.httpx.HttpxTransport`` does.
    """

    def __init__(self, *, tls: "ssl.SSLContext | None" = None) -> None:
        self._tls = tls
        # A deque's pop and append are atomic, so this pool needs no lock.
        self._idle: PerProcess[dict[Place, deque[Kept]]] = PerProcess(dict)

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        deadline = time.monotonic() + timeout_seconds
        try:
            return self._send(request, deadline)
        except TimeoutError:
            msg = "No answer came in time."
            raise unreachable(TimedOut, msg) from None
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            msg = f"The gatehouse cannot be reached ({type(error).__name__})."
            raise unreachable(ConnectionFailed, msg) from error

    def close(self) -> None:
        for kept in (self._idle.take() or {}).values():
            for connection, _ in kept:
                connection.close()

    def _send(self, request: Request, deadline: float) -> Reply:
        url = urlsplit(request.url)
        place = (url.scheme, url.netloc)
        target = url.path + (f"?{url.query}" if url.query else "")
        kept = self._kept(place)
        if kept is not None:
            try:
                return self._exchange(kept, place, request, target, deadline)
            except (ConnectionError, http.client.RemoteDisconnected):
                # The server closed it while it was idle: that is no failure of the network.
                kept.close()
        return self._exchange(self._connection(place), place, request, target, deadline)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        place: Place,
        request: Request,
        target: str,
        deadline: float,
    ) -> Reply:
        try:
            _limit(connection, deadline)
            connection.request(request.method, target, request.body, dict(request.headers))
            _limit(connection, deadline)
            response = connection.getresponse()
            body = _read(connection, response, deadline)
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:
            self._keep(place, connection)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, body)

    def _keep(self, place: Place, connection: http.client.HTTPConnection) -> None:
        idle = self._idle.get().setdefault(place, deque())
        if len(idle) < MOST_IDLE:
            idle.append((connection, time.monotonic()))
        else:
            connection.close()

    def _kept(self, place: Place) -> http.client.HTTPConnection | None:
        idle = self._idle.get().get(place)
        while idle:
            try:
                connection, since = idle.pop()
            except IndexError:  # another thread took the last one
                return None
            if time.monotonic() - since < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    def _connection(self, place: Place) -> http.client.HTTPConnection:
        scheme, netloc = place
        if scheme == "http":
            return http.client.HTTPConnection(netloc)
        if self._tls is None:
            import ssl  # loading the authorities costs more than all else here together

            self._tls = ssl.create_default_context()
        return http.client.HTTPSConnection(netloc, context=self._tls)


def _limit(connection: http.client.HTTPConnection, deadline: float) -> None:
    """Each wait on the socket ends with the deadline, not one timeout after the other."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.timeout = left
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _read(
    connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float
) -> bytes:
    found = []
    while chunk := response.read1(CHUNK_BYTES):
        found.append(chunk)
        _limit(connection, deadline)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    response.close()
    return b"".join(found)
