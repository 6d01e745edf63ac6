"""The OpenAPI document's part on the catalogue: which agents there are, and what each takes."""

from functions.domain.names import JsonObject
from functions.entrypoints.openapi_replies import content, problems

ERRORS = (401, 421, 429, 500, 503)
TEXTS: JsonObject = {"type": "array", "items": {"type": "string"}}
LINE: dict[str, JsonObject] = {
    "name": {"type": "string"},
    "version": {"type": "string"},
    "title": {"type": "string"},
    "description": {"type": "string"},
    "tags": TEXTS,
    "roles": {**TEXTS, "description": "A caller needs one of them."},
    "enabled": {"type": "boolean"},
    "run": {"type": "string", "description": "The path that runs it."},
}
PAGE: dict[str, JsonObject] = {
    **LINE,
    "owner": {"type": "string"},
    "consumes": TEXTS,
    "emits": {"type": ["string", "null"]},
    "timeout_seconds": {"type": "number"},
    "max_input_bytes": {"type": "integer"},
    "input_schema": {"type": "object"},
    "output_schema": {"type": "object"},
}
QUERY: JsonObject = {
    "name": "q",
    "in": "query",
    "required": True,
    "description": "Words, all of which the agent's page must have.",
    "schema": {"type": "string", "minLength": 1},
}
AGENT: JsonObject = {"name": "agent", "in": "path", "required": True, "schema": {"type": "string"}}


def catalogue_paths() -> JsonObject:
    """The routes that need no team: agents, and this document."""
    agents = {"type": "array", "items": _all_of(LINE)}
    found = {"query": {"type": "string"}, "agents": agents}
    document = {"openapi": {"type": "string"}, "paths": {"type": "object"}}
    return {
        "/v1/agents": _get("list_agents", "The catalogue of agents", _all_of({"agents": agents})),
        "/v1/agents/search": _get(
            "search_agents", "Agents by what they do", _all_of(found), QUERY, also=(400,)
        ),
        "/v1/agents/{agent}": _get(
            "show_agent", "One agent with its contract", _all_of(PAGE), AGENT, also=(404,)
        ),
        "/v1/openapi.json": _get("describe", "This document", _all_of(document)),
    }


def _get(
    operation: str,
    summary: str,
    schema: JsonObject,
    *parameters: JsonObject,
    also: tuple[int, ...] = (),
) -> JsonObject:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": ["catalogue"],
            "parameters": list(parameters),
            "responses": {"200": content(summary, schema)} | problems(tuple(sorted(also + ERRORS))),
        }
    }


def _all_of(properties: JsonObject) -> JsonObject:
    return {"type": "object", "required": list(properties), "properties": properties}
