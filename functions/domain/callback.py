"""Where a caller wants the result of a run sent, and which addresses belong to the outside world.

Both are read twice: when the run is accepted, so that the caller is told at once, and when the
result is sent, since hosts are taken off a team's list and names begin to lead elsewhere.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import StringConstraints

from functions.domain.errors import CallbackNotAllowed, MalformedRequest

HEADER = "X-Callback-Url"
MOST_CHARACTERS = 2048
HTTPS_PORT = 443
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?"
"""A name, never an address: its last part begins with a letter."""
WebhookHost = Annotated[
    str, StringConstraints(pattern=rf"^{HOST}(:[1-9][0-9]{{0,4}})?$", max_length=259)
]
"""A host that a team may have results sent to, with its port unless that is 443."""

VISIBLE = re.compile(r"[\x21-\x7e]+")
UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out; what only stands for an IPv4 address lies outside it, …"""
SIX_TO_FOUR = ip_network("2002::/16")
"""… except for this."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A URL that may be sent to, in its parts."""

    host: str
    port: int
    target: str
    """Path and query. They may hold what only the receiver should know, so nobody logs them."""

    @classmethod
    def read(cls, url: str, allowed: Collection[str]) -> "Callback":
        """Read a URL.

        Raises:
            MalformedRequest: it is no URL that anything is ever sent to.
            CallbackNotAllowed: it is one, but its host is not among those that are allowed.
        """
        parts, host, port = _split(url)
        if f"{host}:{port}" not in {_with_port(entry) for entry in allowed}:
            known = ", ".join(sorted(allowed)) or "nowhere"
            msg = f"{HEADER}: your team may have results sent to these hosts: {known}."
            raise CallbackNotAllowed(msg)
        query = f"?{parts.query}" if parts.query else ""
        return cls(host, port, (parts.path or "/") + query)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the outside world, and reaches it without a detour."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast
    return found.is_global and found in UNICAST and found not in SIX_TO_FOUR


def _split(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > MOST_CHARACTERS or not VISIBLE.fullmatch(url):
        msg = f"{HEADER} takes a URL of 1 to {MOST_CHARACTERS} visible ASCII characters."
        raise MalformedRequest(msg)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or HTTPS_PORT
    except ValueError:
        msg = f"{HEADER} is no URL that can be read."
        raise MalformedRequest(msg) from None
    if parts.scheme != "https" or "@" in parts.netloc or "#" in url:
        msg = f"{HEADER} must begin with https:// and have neither user nor fragment."
        raise MalformedRequest(msg)
    if not re.fullmatch(HOST, host):
        msg = f"{HEADER} must name a host; an IP address is none."
        raise MalformedRequest(msg)
    return parts, host, port


def _with_port(entry: str) -> str:
    return entry if ":" in entry else f"{entry}:{HTTPS_PORT}"
