"""How the OpenAPI document describes replies: what they hold, or the problem."""

from http import HTTPStatus

from functions.domain.names import JsonObject
from functions.entrypoints.problems import CONTENT_TYPE


def content(
    description: str, schema: JsonObject, headers: dict[str, str] | None = None
) -> JsonObject:
    described: JsonObject = {"content": {"application/json": {"schema": schema}}}
    if headers:
        told = {n: {"description": d, "schema": {"type": "string"}} for n, d in headers.items()}
        described["headers"] = told
    return {"description": description, **described}


def problems(statuses: tuple[int, ...]) -> JsonObject:
    reference = {"$ref": "#/components/schemas/Problem"}
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {CONTENT_TYPE: {"schema": reference}},
        }
        for status in statuses
    }


def either(name: str, schema: JsonObject) -> JsonObject:
    """One result of many: what it is when it went well, or the problem."""
    problem = {"$ref": "#/components/schemas/Problem"}
    return {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"type": "integer"}, name: schema, "problem": problem},
    }
