"""Reads a signed token's two JSON parts strictly, before anything in them is believed.

A token has one spelling only (RFC 7515, compact): a library that is lenient about padding, white
space or a key twice would let two readers see two tokens in one text.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from functions.domain import canonical
from functions.domain.errors import Unauthenticated
from functions.domain.names import JsonObject

MOST_BYTES = 8192
"""A longer token is refused before it is parsed."""
MOST_LEVELS = 8
"""Claims of claims of claims: no provider needs more."""
SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def read(token: str) -> tuple[JsonObject, JsonObject]:
    """The token's header and claims, which nothing vouches for yet.

    Raises:
        Unauthenticated: the text is no signed token; the detail says why.
    """
    if len(token) > MOST_BYTES:
        msg = f"The token is longer than {MOST_BYTES} bytes."
        raise Unauthenticated(msg)
    if not SHAPE.fullmatch(token):
        msg = "This is no signed token: three parts of base64url between dots, and nothing else."
        raise Unauthenticated(msg)
    header, claims, _ = token.split(".")
    return _object(header, "header"), _object(claims, "claims")


def _object(part: str, name: str) -> JsonObject:
    try:
        found = canonical.read_object(_decoded(part).decode("utf-8"))
        _check_depth(found)
    except UnicodeDecodeError:
        msg = f"The token's {name} cannot be read: it is not UTF-8."
        raise Unauthenticated(msg) from None
    except ValueError:
        msg = f"The token's {name} cannot be read: base64url of strict JSON, not nested deeply."
        raise Unauthenticated(msg) from None
    return found


def _decoded(part: str) -> bytes:
    raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        msg = "the last character has bits that mean nothing"
        raise ValueError(msg)
    return raw


def _check_depth(value: object) -> None:
    level: list[Any] = [value]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    msg = "it is nested too deeply"
    raise ValueError(msg)
