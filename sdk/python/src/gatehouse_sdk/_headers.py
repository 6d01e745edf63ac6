"""The headers that have a grammar: ``Idempotency-Key``, ``Retry-After`` and ``RateLimit``."""

import re
from email.utils import parsedate_to_datetime

from gatehouse_sdk._errors import MalformedRequest

MOST_RETRY_AFTER_SECONDS = 31 * 24 * 3600
"""No limit of the gatehouse has a longer period than a month."""

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_SECONDS = re.compile(r"[0-9]+")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2,8},? .*[0-9]{2}:[0-9]{2}:[0-9]{2}.*")
_ITEM = re.compile(
    r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"'
    r'((?:; *[a-z*][a-z0-9_.*-]*=(?:-?[0-9]{1,15}|"[^"\\]*"))*)'
)
_PARAMETER = re.compile(r'; *([a-z*][a-z0-9_.*-]*)=(?:(-?[0-9]+)|"([^"\\]*)")')
_COMMA = re.compile(r"[ \t]*,[ \t]*")

Limits = dict[str, dict[str, int | str]]
"""The limits of a ``RateLimit`` header by name: ``r`` is left, for ``t`` seconds."""


def key_header(key: str) -> str:
    """A key as a structured-field string (RFC 8941).

    Raises:
        MalformedRequest: no header can carry this key.
    """
    if not _KEY.fullmatch(key):
        msg = "An idempotency key takes 1 to 255 printable ASCII characters."
        raise MalformedRequest(msg)
    return '"' + re.sub(r'(["\\])', r"\\\1", key) + '"'


def retry_after_seconds(header: str, now: float) -> int | None:
    """Seconds until a ``Retry-After``, at most 31 days; None when it cannot be read."""
    text = header.strip()
    if _SECONDS.fullmatch(text):
        seconds = float(text[:20])
    elif _HTTP_DATE.fullmatch(text):
        try:
            # The oldest form of a date names no zone; all three forms mean UTC.
            date = parsedate_to_datetime(text if text.endswith("GMT") else f"{text} GMT")
        except ValueError:
            return None
        seconds = max(0.0, date.timestamp() - now)
    else:
        return None
    return int(min(seconds, MOST_RETRY_AFTER_SECONDS))


def rate_limits(header: str) -> Limits:
    """The limits that a ``RateLimit`` or ``RateLimit-Policy`` header names; none if broken."""
    found: Limits = {}
    text, place = header.strip(" "), 0
    while item := _ITEM.match(text, place):
        name = re.sub(r"\\(.)", r"\1", item[1])
        found[name] = {
            key: int(number) if number else string
            for key, number, string in _PARAMETER.findall(item[2])
        }
        if item.end() == len(text):
            return found
        comma = _COMMA.match(text, item.end())
        if comma is None:
            break
        place = comma.end()
    return {}
