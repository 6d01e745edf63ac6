"""Origins: whose pages may call a zone from a browser.

A browser compares an origin letter by letter, so it must be written exactly as browsers send it.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

OWN_MACHINE = frozenset({"localhost", "127.0.0.1"})
"""Whose pages no network can change on their way, so plain http will do."""
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def _exact(value: str) -> str:
    if "*" in value:
        msg = f"{value!r}: a wildcard lets in pages that nobody named; name each origin"
        raise ValueError(msg)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        msg = f"{value!r} is no origin: {error}"
        raise ValueError(msg) from None
    if parts.scheme not in DEFAULT_PORTS:
        msg = f"{value!r}: an origin begins with https://, such as https://app.example.com"
        raise ValueError(msg)
    if HOST.fullmatch(host) is None:
        msg = f"{value!r}: the host must be a name of letters, digits, dots and hyphens"
        raise ValueError(msg)
    if parts.scheme == "http" and host not in OWN_MACHINE:
        msg = f"{value!r}: http is for pages of a developer's own machine; use https"
        raise ValueError(msg)
    plain = port is None or port == DEFAULT_PORTS[parts.scheme]
    exact = f"{parts.scheme}://{host}" + ("" if plain else f":{port}")
    if value != exact:
        msg = f"{value!r}: browsers send neither path, slash nor default port; write {exact!r}"
        raise ValueError(msg)
    return value


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse an origin that is named twice: somebody meant another one."""
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        msg = f"named twice: {', '.join(twice)}"
        raise ValueError(msg)
    return values


Origins = Annotated[tuple[Annotated[str, AfterValidator(_exact)], ...], AfterValidator(_each_once)]
