"""OpenAPI 3.1 for the HTTP interface, with one path for each agent.

Powertools can derive a document from its routes, but all agents share one route and each has its
own contract, so the document is made from the manifests and contracts themselves.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from functions.domain import callback
from functions.domain.agent import Agent
from functions.domain.names import JsonObject
from functions.domain.run import Outcome
from functions.entrypoints.batches import MOST_ITEMS
from functions.entrypoints.openapi_flags import flag_paths
from functions.entrypoints.openapi_replies import content, problems
from functions.entrypoints.publishing import MOST_EVENTS

API_VERSION = "1.0.0"
"""Of the interface, not of the code: the major number is the one in the path."""
Schemas = dict[str, JsonObject]
READ_ERRORS = (401, 404, 421, 429, 500, 503)
EVENT_ERRORS = (400, 401, 403, 413, 415, 421, 422, 429, 500, 503)
FOR_MANY = ("X-Workflow", "traceparent")
"""The headers that mean the same for a batch and for events."""
EVENT_TYPES = (
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)
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
HEADERS: list[JsonObject] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "One key for one intent: the same key and input get the same outcome once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 257},
    },
    {
        "name": "Prefer",
        "in": "header",
        "description": "'respond-async' has the run done later: the reply is 202 and names it.",
        "schema": {"type": "string"},
    },
    {
        "name": callback.HEADER,
        "in": "header",
        "description": "With 'respond-async': where to send the result, too, as a signed webhook. "
        "https only, and only to hosts that the team's configuration allows.",
        "schema": {"type": "string", "format": "uri", "maxLength": callback.MOST_CHARACTERS},
    },
    {
        "name": "X-Workflow",
        "in": "header",
        "description": "A free tag under which the run is charged.",
        "schema": {"type": "string", "maxLength": 64},
    },
    {
        "name": "traceparent",
        "in": "header",
        "description": "W3C trace context; the run becomes part of the caller's trace.",
        "schema": {"type": "string"},
    },
]


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
    body = {
        "type": "object",
        "required": ["input"],
        "additionalProperties": False,
        "properties": {"input": _schema(agent.request, name, "validation", schemas)},
    }
    outcome = _schema(Outcome, name, "serialization", schemas)
    reply = _schema(agent.reply, name, "serialization", schemas)
    outcome["properties"] = {**outcome["properties"], "output": reply}
    return {
        "operationId": f"run_{name}",
        "summary": agent.manifest.title,
        "description": agent.manifest.description,
        "tags": ["run"],
        "parameters": HEADERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": content("The outcome of the run", outcome, LIMITS),
            "202": content("The run is done later; read it where Location says", RUN, PLACE),
        }
        | problems(RUN_ERRORS),
    }


def _batching(agent: Agent, run: JsonObject) -> JsonObject:
    """The same contract, many times in one request."""
    one = run["requestBody"]["content"]["application/json"]["schema"]["properties"]["input"]
    item = _object({"input": one, "key": {"type": "string", "maxLength": 255}}, "input")
    items = {"type": "array", "minItems": 1, "maxItems": MOST_ITEMS}
    body = _object({"items": {**items, "items": item}}, "items")
    outcome = run["responses"]["200"]["content"]["application/json"]["schema"]
    results = _object({"items": {**items, "items": _either("outcome", outcome)}}, "items")
    return {
        "operationId": f"batch_{agent.manifest.name}",
        "summary": f"{agent.manifest.title}, many at once",
        "description": "A result for each item, in their order; see status.",
        "tags": ["run"],
        "parameters": [header for header in HEADERS if header["name"] in FOR_MANY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": content("What became of each", results)} | problems(RUN_ERRORS),
    }


def _publishing() -> JsonObject:
    """Events, one or a batch."""
    event = {"type": "object", "description": "A CloudEvent 1.0; docs/asyncapi.json has them all."}
    batch = {"type": "array", "minItems": 1, "maxItems": MOST_EVENTS, "items": event}
    sent = {"schema": {"oneOf": [event, batch]}}
    result = _either("id", {"type": "string"})
    results = _object({"results": {"type": "array", "items": result}}, "results")
    return {
        "operationId": "publish_events",
        "summary": "Publish events",
        "tags": ["events"],
        "parameters": [header for header in HEADERS if header["name"] in FOR_MANY],
        "requestBody": {"required": True, "content": dict.fromkeys(EVENT_TYPES, sent)},
        "responses": {"202": content("What became of each", results)} | problems(EVENT_ERRORS),
    }


def _object(properties: JsonObject, *required: str) -> JsonObject:
    return {"type": "object", "required": list(required), "properties": properties}


def _either(name: str, schema: JsonObject) -> JsonObject:
    """One result of many: what it is when it went well, or the problem."""
    problem = {"$ref": "#/components/schemas/Problem"}
    return _object({"status": {"type": "integer"}, name: schema, "problem": problem}, "status")


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
    query = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
    agent = {"name": "agent", "in": "path", "required": True, "schema": {"type": "string"}}
    run = {"name": "run_id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "/v1/runs/{run_id}": _get("show_run", "A run that is done later", run, schema=RUN),
        "/v1/events": {"post": _publishing()},
        "/v1/agents": _get("list_agents", "The catalogue of agents"),
        "/v1/agents/search": _get("search_agents", "Agents by what they do", query),
        "/v1/agents/{agent}": _get("show_agent", "One agent with its contract", agent),
        "/v1/openapi.json": _get("describe", "This document"),
        **flag_paths(),
    }


def _get(
    operation: str, summary: str, *parameters: JsonObject, schema: JsonObject | None = None
) -> JsonObject:
    found = {"200": content(summary, schema or {"type": "object"})}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": ["runs" if schema else "catalogue"],
            "parameters": list(parameters),
            "responses": found | problems(READ_ERRORS),
        }
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
