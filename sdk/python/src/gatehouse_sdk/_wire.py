"""What goes over the wire and who carries it: requests, replies, and the transports' ports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

JsonObject = dict[str, Any]
"""A JSON object as the standard library reads it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body's JSON, or None when it is none."""
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found


class Transport(Protocol):
    """Carries a request. Bring your own for proxies or tests."""

    def send(self, request: Request, timeout_seconds: float) -> Reply:
        """The reply, whatever its status; redirects are not followed.

        Raises:
            ConnectionFailed: there was none.
        """

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The same for an event loop."""

    async def send(self, request: Request, timeout_seconds: float) -> Reply: ...

    async def close(self) -> None: ...
