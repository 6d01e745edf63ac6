"""The HTTP way in: API Gateway's proxy events, routed by Powertools.

POST /v1/agents/{agent}/run     run an agent, now or later
POST /v1/agents/{agent}/batch   run it on many small inputs
POST /v1/events                 publish events
GET  /v1/runs/{id}              what became of a run that is done later
GET  /v1/agents                 the catalogue, and one agent with its contract
GET  /v1/agents/search?q=       agents by what they do
GET  /v1/openapi.json           all of it, for machines
POST /ofrep/v1/evaluate/flags   all flags for a user, or one of them by its key
"""

import json
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_before_snapshot

from functions import agents, config
from functions.bootstrap.http import http_parts
from functions.bootstrap.surroundings import begin, homes, now, zone
from functions.bootstrap.tracing import flushed
from functions.domain.agent import AgentManifest
from functions.domain.errors import (
    GatehouseError,
    NotFound,
    UnknownAgent,
)
from functions.domain.event import BUDGET_RESTRICTED, THRESHOLD_REACHED
from functions.domain.names import JsonObject
from functions.domain.record import RunRecord
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.entrypoints import batches, catalogue, flags, openapi, publishing
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.limits import rate_limit
from functions.entrypoints.problems import problem
from functions.entrypoints.replies import for_browsers
from functions.entrypoints.requests import read_caller, read_run, read_team
from functions.entrypoints.spans import served
from functions.pipeline.accept import ANNOUNCED
from functions.pipeline.flags import Evaluation
from functions.pipeline.stages import check_zone

app = APIGatewayRestResolver()

PENDING_SECONDS = "2"
"""When to look again at a run that is not over."""


@app.post("/v1/agents/<agent>/run")
def run(agent: str) -> Response[str]:
    wanted = read_run(app.current_event, app.lambda_context, agent, config.teams(), now())
    app.append_context(run=wanted)  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
    if wanted.channel == "async":
        return _accepted(http_parts().accept(wanted))
    return _rendered(http_parts().runs(wanted), _limits(wanted))


@app.post("/v1/agents/<agent>/batch")
def run_batch(agent: str) -> Response[str]:
    http, event = http_parts(), app.current_event
    _caller()
    like = read_run(event, app.lambda_context, agent, config.teams(), now())
    like = replace(like, channel="http")
    return _json(batches.done(event, like, http.runs), _limits(like))


@app.post("/v1/events")
def publish_events() -> Response[str]:
    http, event, caller = http_parts(), app.current_event, _caller()
    team = read_team(caller, config.teams())
    by = publishing.publication(event, http, config.contracts(), _ours(), caller, team)
    return Response(202, "application/json", json.dumps(publishing.published(event, by)))


@app.get("/v1/runs/<run_id>")
def show_run(run_id: str) -> Response[str]:
    record = http_parts().records.find(_caller().team, run_id)
    if record is None:
        msg = "Your team has no such run; only runs that are done later are kept, for a week."
        raise NotFound(msg)
    return _json(record.shown(), {"Retry-After": PENDING_SECONDS} if record.pending else {})


@app.get("/v1/agents")
def list_agents() -> Response[str]:
    _caller()
    return _json({"agents": [catalogue.line(manifest) for manifest in _here()]})


@app.get("/v1/agents/search")
def search_agents() -> Response[str]:
    _caller()
    query = app.current_event.get_query_string_value("q", "") or ""
    found = catalogue.search(_here(), query)
    return _json({"query": query, "agents": [catalogue.line(manifest) for manifest in found]})


@app.get("/v1/agents/<agent>")
def show_agent(agent: str) -> Response[str]:
    _caller()
    if agent not in {manifest.name for manifest in _here()}:
        msg = "No agent has this name here; GET /v1/agents lists those that do."
        raise UnknownAgent(msg)
    return _json(catalogue.page(agents.load(agent)))


@app.get("/v1/openapi.json")
def describe() -> Response[str]:
    loaded = [agents.load(manifest.name) for manifest in _here()]
    here = config.zones().zones[zone()]
    return _json(openapi.document(loaded, base_url=str(here.base_url)))


@app.post("/ofrep/v1/evaluate/flags")
def evaluate_flags() -> Response[str]:
    none_match = app.current_event.headers.get("If-None-Match")
    return flags.evaluated_all(_evaluation(), none_match)


@app.post("/ofrep/v1/evaluate/flags/<key>")
def evaluate_flag(key: str) -> Response[str]:
    return _json(flags.evaluated(_evaluation(), key))


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # Powertools leaves it untyped
def fail(error: Exception) -> Response[str]:
    """One handler for everything: Powertools looks it up along the error's ancestors."""
    request_id = app.current_event.request_context.request_id or ""
    if isinstance(error, NotFoundError):
        error = NotFound("There is no such route; GET /v1/openapi.json lists them.")
    if not isinstance(error, GatehouseError):
        log_unexpected(error)
        error = GatehouseError()
    run: Run | None = app.context.get("run")
    members = flags.failure(error, app.current_event.path_parameters.get("key"))
    return problem(error, request_id, _limits(run, error) if run else {}, members)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(http_parts)


@flushed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    reply = served(http_parts().telemetry, event, lambda: app.resolve(event, context))
    origin = app.current_event.headers.get("Origin")
    return for_browsers(reply, origin, config.zones().zones[zone()].origins)


def _evaluation() -> Evaluation:
    caller, switches = _caller(), http_parts().switches
    return flags.read_evaluation(app.current_event, caller, switches, _here(), config.teams())


def _limits(run: Run, error: Exception | None = None) -> dict[str, str]:
    limits = config.teams().tiers[run.team.tier]
    return rate_limit(run, limits, now(), error)


def _rendered(outcome: Outcome, limits: dict[str, str]) -> Response[str]:
    headers: dict[str, str | list[str]] = {**limits}
    if outcome.replayed:
        headers["Idempotent-Replayed"] = "true"
    if outcome.age_seconds is not None:
        headers["Age"] = str(outcome.age_seconds)
    return Response(200, "application/json", outcome.model_dump_json(), headers)


def _accepted(record: RunRecord) -> Response[str]:
    headers: dict[str, str | list[str]] = {
        "Location": f"/v1/runs/{record.id}",
        "Preference-Applied": "respond-async",
    }
    if record.pending:
        headers["Retry-After"] = PENDING_SECONDS
    return Response(202, "application/json", json.dumps(record.shown()), headers)


def _json(body: JsonObject, headers: dict[str, str] | None = None) -> Response[str]:
    return Response(200, "application/json", json.dumps(body), {**(headers or {})})


def _ours() -> frozenset[str]:
    """The events that agents and the gatehouse itself send."""
    emitted = {manifest.emits for manifest in agents.discover() if manifest.emits}
    return frozenset(emitted | ANNOUNCED | {THRESHOLD_REACHED, BUDGET_RESTRICTED})


def _caller() -> Caller:
    """Who calls; whose data belongs to another zone is sent there."""
    caller = read_caller(app.current_event)
    check_zone(caller, zone(), homes())
    return caller


def _here() -> list[AgentManifest]:
    """The agents of this zone."""
    here = zone()
    return [manifest for manifest in agents.discover() if here in manifest.models]
