"""A request and a response, as the gateway sees them: values, without a socket in sight."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a caller sent."""

    method: str
    path: str
    """With the stage in front, still percent-encoded."""
    query: str = ""
    headers: Headers = ()
    """Deviation from AWS: the server lower-cases names; API Gateway passes them as they came."""
    body: bytes = b""
    oversized: bool = False
    """The body was larger than any that is taken, and was thrown away."""
    source_ip: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """The last value of a header."""
        return first(reversed(self.headers), name)


@dataclass(frozen=True, slots=True)
class Response:
    """What a caller gets."""

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"")

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return first(self.headers, name)


def first(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first value of a header, whichever way its name is written."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def media_type(header: str | None) -> str | None:
    """``application/json`` of ``application/json; charset=utf-8``."""
    return header.split(";")[0].strip().lower() if header else None
