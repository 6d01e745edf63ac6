"""The OpenAPI document's part on publishing events, one or a batch."""

from functions.domain.event import Event
from functions.domain.names import JsonObject
from functions.entrypoints.openapi_headers import headers_for_many
from functions.entrypoints.openapi_replies import content, either, problems
from functions.entrypoints.publishing import MOST_EVENTS

ERRORS = (400, 401, 403, 413, 415, 421, 422, 429, 500, 503)
MEDIA_TYPES = (
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)
FILLED_IN = ("team", "runid")
"""What the gatehouse says of an event."""

EXAMPLE: JsonObject = {
    "specversion": "1.0",
    "id": "review-1029",
    "source": "urn:shop:reviews",
    "type": "review.submitted",
    "time": "2026-11-02T09:30:00Z",
    "data": {
        "review_id": "1029",
        "product_id": "tent-4",
        "text": "A week of rain at the coast, and not a drop came in.",
    },
}


def events_path() -> JsonObject:
    """The route that takes events."""
    event = _event()
    batch = {"type": "array", "minItems": 1, "maxItems": MOST_EVENTS, "items": event}
    sent = {"schema": {"oneOf": [event, batch]}}
    result = either("id", {"type": "string"})
    results = {"type": "array", "items": result}
    reply = {"type": "object", "required": ["results"], "properties": {"results": results}}
    operation = {
        "operationId": "publish_events",
        "summary": "Publish events",
        "description": "A result for each event, in their order. One of a batch that is wrong does "
        "not keep the others from being published; a single one is refused with its own status.",
        "tags": ["events"],
        "parameters": headers_for_many(),
        "requestBody": {"required": True, "content": dict.fromkeys(MEDIA_TYPES, sent)},
        "responses": {"202": content("What became of each", reply)} | problems(ERRORS),
    }
    return {"/v1/events": {"post": operation}}


def _event() -> JsonObject:
    """The envelope; what may be in the data is said by the type's contract."""
    found = Event.model_json_schema()
    for name in FILLED_IN:
        del found["properties"][name]
    found["required"] = [name for name in found["required"] if name not in FILLED_IN]
    found["description"] = "A CloudEvent 1.0; docs/asyncapi.json has all types and their data."
    return found
