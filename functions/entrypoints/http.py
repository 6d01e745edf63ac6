"""The HTTP way in: API Gateway's proxy events, routed by Powertools.

POST /v1/agents/{agent}/run     run an agent
GET  /v1/agents                 the catalogue, and one agent with its contract
GET  /v1/agents/search?q=       agents by what they do
GET  /v1/openapi.json           all of it, for machines
"""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_before_snapshot

from functions import agents, bootstrap, config
from functions.domain.agent import AgentManifest
from functions.domain.errors import GatehouseError, NotFound, UnknownAgent
from functions.domain.names import JsonObject
from functions.domain.run import Outcome
from functions.entrypoints import catalogue, openapi
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.problems import problem
from functions.entrypoints.requests import read_run

app = APIGatewayRestResolver()


@app.post("/v1/agents/<agent>/run")
def run(agent: str) -> Response[str]:
    runs = bootstrap.runs()
    event, context = app.current_event, app.lambda_context
    return _rendered(runs(read_run(event, context, agent, config.teams(), bootstrap.now())))


@app.get("/v1/agents")
def list_agents() -> Response[str]:
    return _json({"agents": [catalogue.line(manifest) for manifest in _here()]})


@app.get("/v1/agents/search")
def search_agents() -> Response[str]:
    query = app.current_event.get_query_string_value("q", "") or ""
    found = catalogue.search(_here(), query)
    return _json({"query": query, "agents": [catalogue.line(manifest) for manifest in found]})


@app.get("/v1/agents/<agent>")
def show_agent(agent: str) -> Response[str]:
    if agent not in {manifest.name for manifest in _here()}:
        msg = "No agent has this name here; GET /v1/agents lists those that do."
        raise UnknownAgent(msg)
    return _json(catalogue.page(agents.load(agent)))


@app.get("/v1/openapi.json")
def describe() -> Response[str]:
    loaded = [agents.load(manifest.name) for manifest in _here()]
    zone = config.zones().zones[bootstrap.zone()]
    return _json(openapi.document(loaded, base_url=str(zone.base_url)))


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # Powertools leaves it untyped
def fail(error: Exception) -> Response[str]:
    """One handler for everything: Powertools looks it up along the error's ancestors."""
    request_id = app.current_event.request_context.request_id or ""
    if isinstance(error, NotFoundError):
        error = NotFound("There is no such route; GET /v1/openapi.json lists them.")
    if not isinstance(error, GatehouseError):
        log_unexpected(error)
        error = GatehouseError()
    return problem(error, request_id)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(bootstrap.runs)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    bootstrap.logger().append_keys(request_id=context.aws_request_id)
    return app.resolve(event, context)


def _rendered(outcome: Outcome) -> Response[str]:
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
    if outcome.age_seconds is not None:
        headers["Age"] = str(outcome.age_seconds)
    return Response(200, "application/json", outcome.model_dump_json(), headers)


def _json(body: JsonObject) -> Response[str]:
    return Response(200, "application/json", json.dumps(body))


def _here() -> list[AgentManifest]:
    """The agents of this zone."""
    zone = bootstrap.zone()
    return [manifest for manifest in agents.discover() if zone in manifest.models]
