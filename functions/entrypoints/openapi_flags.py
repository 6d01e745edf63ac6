"""The OpenAPI document's part on flags: the OpenFeature Remote Evaluation Protocol, as served."""

from functions.domain.flags import OWN
from functions.domain.names import JsonObject
from functions.entrypoints.openapi_replies import content, problems

ERRORS = (400, 401, 403, 415, 421, 429, 500, 503)
KEY = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
TAG = {"ETag": "Of these values; send it back as If-None-Match."}
NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier reply: if no value has changed, the reply is a 304.",
    "schema": {"type": "string"},
}
BODY: JsonObject = {
    "type": "object",
    "properties": {
        "context": {
            "type": "object",
            "description": "What the application says of its user. Not team, zone, roles or "
            "bucket: those are found by the gatehouse.",
            "properties": {"targetingKey": {"type": "string"}},
            "propertyNames": {"not": {"enum": sorted(OWN)}},
        }
    },
}
FLAG: JsonObject = {
    "type": "object",
    "required": ["key", "value", "reason", "variant"],
    "properties": {
        "key": {"type": "string"},
        "value": {"description": "A boolean, a text, a number or an object."},
        "reason": {"enum": ["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED"]},
        "variant": {"type": "string", "description": "The rule that gave the value."},
        "metadata": {"type": "object"},
    },
}
FAILURE: JsonObject = {
    "type": "object",
    "required": ["key", "errorCode"],
    "properties": {
        "key": {"type": "string"},
        "errorCode": {"const": "TARGETING_KEY_MISSING"},
        "errorDetails": {"type": "string"},
    },
}


def flag_paths() -> JsonObject:
    """Both routes of the protocol."""
    flags = {"type": "array", "items": {"oneOf": [FLAG, FAILURE]}}
    all_flags = {"type": "object", "required": ["flags"], "properties": {"flags": flags}}
    every = {
        "200": content("All flags for this user", all_flags, TAG),
        "304": {"description": "No value has changed."},
    }
    one = {"200": content("The flag for this user", FLAG)} | problems((404,))
    return {
        "/ofrep/v1/evaluate/flags": _post("evaluate_flags", "All flags", every, NONE_MATCH),
        "/ofrep/v1/evaluate/flags/{key}": _post("evaluate_flag", "One flag", one, KEY),
    }


def _post(operation: str, summary: str, responses: JsonObject, parameter: JsonObject) -> JsonObject:
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "tags": ["flags"],
            "parameters": [parameter],
            "requestBody": {"content": {"application/json": {"schema": BODY}}},
            "responses": responses | problems(ERRORS),
        }
    }
