"""The OpenAPI document's part on request headers: what each means, and what may stand in it.

What may stand there is said by the patterns that read it, so that a client's check and the
gatehouse's agree.
"""

from functions.domain import callback
from functions.domain.names import JsonObject
from functions.entrypoints.requests import BARE_KEY, QUOTED_KEY, WORKFLOW

KEY: JsonObject = {
    "type": "string",
    "pattern": f"^(?:{QUOTED_KEY.pattern}|{BARE_KEY.pattern})$",
}
"""An idempotency key, in quotes or without."""
_PORT = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}"
_HOST = callback.HOST.replace("a-z", "A-Za-z")
CALLBACK_URL: JsonObject = {
    "type": "string",
    "format": "uri",
    "maxLength": callback.MOST_CHARACTERS,
    "pattern": rf"^https://{_HOST}(:({_PORT}))?([/?][\x21\x22\x24-\x7e]*)?$",
}
FOR_MANY = ("X-Workflow", "traceparent")
"""The headers that mean the same for a batch and for events."""


def run_headers() -> list[JsonObject]:
    """What a run may say of itself beside its input."""
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "One key for one intent: the same key and input get the same outcome "
            "once.",
            "schema": KEY,
        },
        {
            "name": "Prefer",
            "in": "header",
            "description": "'respond-async' has the run done later: the reply is 202 and names it.",
            "schema": {"type": "string"},
            "examples": {"later": {"value": "respond-async"}},
        },
        {
            "name": callback.HEADER,
            "in": "header",
            "description": "With 'respond-async': where to send the result, too, as a signed "
            "webhook. https only, and only to hosts that the team's configuration allows.",
            "schema": CALLBACK_URL,
        },
        {
            "name": "X-Workflow",
            "in": "header",
            "description": "A free tag under which the run is charged.",
            "schema": WORKFLOW.json_schema(),
        },
        {
            "name": "traceparent",
            "in": "header",
            "description": "W3C trace context; the run becomes part of the caller's trace.",
            "schema": {"type": "string"},
        },
    ]


def headers_for_many() -> list[JsonObject]:
    return [header for header in run_headers() if header["name"] in FOR_MANY]
