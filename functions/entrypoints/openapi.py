"""OpenAPI 3.1 for the HTTP interface, with one path for each agent.

Powertools can derive a document from its routes, but all agents share one route and each has its
own contract, so the document is made from the manifests and contracts themselves.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from functions.domain.agent import Agent
from functions.domain.names import JsonObject
from functions.domain.run import Outcome
from functions.entrypoints.batches import MOST_ITEMS
from functions.entrypoints.openapi_catalogue import catalogue_paths
from functions.entrypoints.openapi_events import events_path
from functions.entrypoints.openapi_flags import flag_paths
from functions.entrypoints.openapi_headers import KEY, headers_for_many, run_headers
from functions.entrypoints.openapi_replies import content, either, problems
from functions.entrypoints.openapi_usage import usage_path

API_VERSION = "1.0.0"
"""Of the interface, not of the code: the major number is the one in the path."""
Schemas = dict[str, JsonObject]
READ_ERRORS = (401, 404, 421, 429, 500, 503)
RUN_ERRORS = (400, 401, 403, 404, 409, 413, 415, 421, 422, 429, 500, 502, 503, 504)
LIMITS = {
    "RateLimit-Policy": "The team's limits (draft-ietf-httpapi-ratelimit-headers-10).",
    "RateLimit": "What is left of the month's budget, in micro-USD.",
    "Idempotent-Replayed": "'true' when this is the outcome of an earlier, equal request.",
    "Age": "How old the answer is, in seconds, when it is used again.",
}
PLACE = {
    "Location": "Where the run can be read.",
    "Retry-After": "When to look, in seconds.",
    "Preference-Applied": "'respond-async'",
}
SHOWN: JsonObject = {
    "show_run": {
        "operationId": "show_run",
        "parameters": {"run_id": "$response.body#/id"},
        "description": "What became of it.",
    }
}
RUN: JsonObject = {
    "type": "object",
    "required": ["id", "agent", "status", "accepted_at", "changed_at"],
    "properties": {
        "id": {"type": "string"},
        "agent": {"type": "string"},
        "status": {"enum": ["queued", "running", "succeeded", "failed"]},
        "accepted_at": {"type": "string", "format": "date-time"},
        "changed_at": {"type": "string", "format": "date-time"},
        "outcome": {"type": "object", "description": "Once it has succeeded."},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
}


def document(agents: Iterable[Agent], *, base_url: str) -> JsonObject:
    """The whole interface as OpenAPI."""
    schemas: Schemas = {"Problem": _problem()}
    running: JsonObject = {}
    for agent in agents:
        run = _running(agent, schemas)
        running[f"/v1/agents/{agent.manifest.name}/run"] = {"post": run}
        running[f"/v1/agents/{agent.manifest.name}/batch"] = {"post": _batching(agent, run)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Agent Gatehouse",
            "version": API_VERSION,
            "description": "One governed place through which every application reaches AI agents.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url.rstrip("/")}],
        "security": [{"token": []}],
        "paths": _shared() | running,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "schemas": schemas,
        },
    }


def _running(agent: Agent, schemas: Schemas) -> JsonObject:
    name = agent.manifest.name
    body = _closed({"input": _schema(agent.request, name, "validation", schemas)}, "input")
    outcome = _schema(Outcome, name, "serialization", schemas)
    reply = _schema(agent.reply, name, "serialization", schemas)
    outcome["properties"] = {**outcome["properties"], "output": reply}
    return {
        "operationId": f"run_{name}",
        "summary": agent.manifest.title,
        "description": agent.manifest.description,
        "tags": ["run"],
        "parameters": run_headers(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": content("The outcome of the run", outcome, LIMITS),
            "202": content("The run is done later; read it where Location says", RUN, PLACE)
            | {"links": SHOWN},
        }
        | problems(RUN_ERRORS),
    }


def _batching(agent: Agent, run: JsonObject) -> JsonObject:
    """The same contract, many times in one request."""
    one = run["requestBody"]["content"]["application/json"]["schema"]["properties"]["input"]
    key = {**KEY, "type": ["string", "null"]}
    items = {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS}
    item = _closed({"input": one, "key": key}, "input")
    body = _closed({"items": {**items, "items": item}}, "items")
    outcome = run["responses"]["200"]["content"]["application/json"]["schema"]
    results = {**items, "items": either("outcome", outcome)}
    reply = {"type": "object", "required": ["items"], "properties": {"items": results}}
    return {
        "operationId": f"batch_{agent.manifest.name}",
        "summary": f"{agent.manifest.title}, many at once",
        "description": "A result for each item, in their order; see status. An item that is wrong "
        "does not keep the others from being done.",
        "tags": ["run"],
        "parameters": headers_for_many(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": content("What became of each", reply)} | problems(RUN_ERRORS),
    }


def _closed(properties: JsonObject, *required: str) -> JsonObject:
    """An object with nothing beside these properties."""
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


def _schema(
    model: type[BaseModel],
    agent: str,
    mode: Literal["validation", "serialization"],
    schemas: Schemas,
) -> JsonObject:
    """A model's schema; what it refers to moves to the document's own schemas."""
    prefix = f"{agent}.{mode}."
    schema = model.model_json_schema(
        mode=mode, ref_template=f"#/components/schemas/{prefix}{{model}}"
    )
    for name, part in schema.pop("$defs", {}).items():
        schemas[f"{prefix}{name}"] = part
    return schema


def _shared() -> JsonObject:
    """The routes that are no agent's."""
    return {
        "/v1/runs/{run_id}": {"get": _showing()},
        **events_path(),
        **catalogue_paths(),
        **flag_paths(),
        **usage_path(),
    }


def _showing() -> JsonObject:
    run = {"name": "run_id", "in": "path", "required": True, "schema": {"type": "string"}}
    summary = "A run that is done later"
    return {
        "operationId": "show_run",
        "summary": summary,
        "tags": ["runs"],
        "parameters": [run],
        "responses": {"200": content(summary, RUN)} | problems(READ_ERRORS),
    }


def _problem() -> JsonObject:
    """RFC 9457, with what a client needs to decide whether to try again."""
    violation = {
        "type": "object",
        "required": ["pointer", "detail"],
        "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
    }
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "retryable": {"type": "boolean"},
            "request_id": {"type": "string"},
            "trace_id": {"type": "string"},
            "base_url": {"type": "string", "description": "Of the caller's own zone."},
            "violations": {"type": "array", "items": violation},
        },
    }
