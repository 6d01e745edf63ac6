"""What every reply of the function behind the API carries, whatever made it."""

from collections.abc import Collection

from functions.domain import browsers
from functions.domain.names import JsonObject


def for_browsers(reply: JsonObject, origin: str | None, allowed: Collection[str]) -> JsonObject:
    """A proxy response with the headers that browsers need; what it says itself stays."""
    given = reply["multiValueHeaders"]
    told = browsers.told(origin, allowed, validated="ETag" in given)
    added = {name: [value] for name, value in told.items()}
    return {**reply, "multiValueHeaders": {**added, **given}}
