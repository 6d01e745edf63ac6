"""HTTPS to hosts that somebody else named: to public addresses only, and never for long.

A name that is looked up twice may lead to two places (DNS rebinding), so it is looked up once, each
of its addresses is checked, and the connection goes to one of these; the certificate is still
checked for the name. Redirects are not followed, proxies of the environment are not used, and the
body of the reply is not read.
"""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPException, HTTPSConnection
from time import monotonic
from typing import cast

from functions.adapters.hurried import HurriedSocket, left
from functions.domain.callback import Callback, is_public
from functions.domain.errors import CallbackNotAllowed, ReceiverFailed
from functions.pipeline.deliver import Reply

PATIENCE_SECONDS = 10.0
"""For all of it: connecting, sending and the reply's headers."""

Resolve = Callable[[str, int], Sequence[str]]


def addresses(host: str, port: int) -> Sequence[str]:
    """What DNS says at this moment, the kind first that every Lambda function can reach."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    by_kind = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in by_kind))


class HttpsReceiver:
    """Implements :class:`functions.pipeline.deliver.Receiver`."""

    def __init__(
        self,
        trust: ssl.SSLContext,
        *,
        resolve: Resolve = addresses,
        may_reach: Callable[[str], bool] = is_public,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """``trust`` becomes this receiver's own; it must check names and certificates."""
        trust.sslsocket_class = HurriedSocket
        self._trust = trust
        self._resolve = resolve
        self._may_reach = may_reach
        self._patience_seconds = patience_seconds

    def post(self, to: Callback, headers: Mapping[str, str], body: bytes) -> Reply:
        ends_at = monotonic() + self._patience_seconds
        try:
            found = self._checked(to)
            with closing(HTTPSConnection(to.host, to.port, context=self._trust)) as connection:
                connection.sock = self._connected(found, to, ends_at)
                connection.request("POST", to.target, body, {**headers, "Connection": "close"})
                reply = connection.getresponse()
                return Reply(reply.status, reply.headers.get("Retry-After"))
        except (OSError, HTTPException) as error:
            msg = f"{to.host} could not be reached in time ({type(error).__name__})."
            raise ReceiverFailed(msg) from error

    def _checked(self, to: Callback) -> Sequence[str]:
        found = self._resolve(to.host, to.port)
        if not all(map(self._may_reach, found)):
            msg = f"{to.host} has an address that is not public."
            raise CallbackNotAllowed(msg)
        return found

    def _connected(self, found: Sequence[str], to: Callback, ends_at: float) -> "HurriedSocket":
        plain = _first_reached(found, to.port, ends_at)
        plain.settimeout(left(ends_at))
        secured = cast("HurriedSocket", self._trust.wrap_socket(plain, server_hostname=to.host))
        secured.ends_at = ends_at
        return secured


def _first_reached(found: Sequence[str], port: int, ends_at: float) -> socket.socket:
    *others, last = found
    for address in others:
        with suppress(OSError):  # the error of the last one is told
            # What cannot be reached must leave time for the next.
            return socket.create_connection((address, port), left(ends_at) / 2)
    return socket.create_connection((last, port), left(ends_at))
