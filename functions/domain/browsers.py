"""What replies tell browsers: how to treat them, and which pages may read them.

Functions, API Gateway's own replies and the client's documentation all go by these lists.
"""

from collections.abc import Collection, Mapping

SECURITY: Mapping[str, str] = {
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Said with every reply, whoever gives it."""
VALIDATED = "private, no-cache"
"""The Cache-Control of a reply with an ETag: whoever got it may keep it, and asks again."""
ANY_PAGE = "*"
"""Of replies that API Gateway gives by itself: it cannot choose among origins there."""

METHODS = ("GET", "POST")
SENT = (
    "authorization",
    "cache-control",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "prefer",
    "traceparent",
    "x-workflow",
)
"""Headers that a page of an allowed origin may send."""
EXPOSED = (
    "age",
    "etag",
    "idempotent-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-amzn-requestid",
)
"""Headers that it may read."""
PREFLIGHT_SECONDS = 7200
"""How long a browser need not ask again; the longest that Chromium remembers."""


def readable(origin: str) -> dict[str, str]:
    """What lets pages of an origin read a reply."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(EXPOSED),
    }


def preflight() -> dict[str, str]:
    """What a page may send; the reply says besides whether the page's origin is one of ours."""
    return {
        "Access-Control-Allow-Methods": ", ".join(METHODS),
        "Access-Control-Allow-Headers": ", ".join(SENT),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        "Vary": "Origin",
    }


def told(origin: str | None, allowed: Collection[str], *, validated: bool) -> dict[str, str]:
    """What a function's reply says; ``validated`` when it has an ETag."""
    headers = {**SECURITY}
    if validated:
        headers["Cache-Control"] = VALIDATED
    if allowed:
        headers["Vary"] = "Origin"
    if origin in allowed:
        headers |= readable(str(origin))
    return headers
