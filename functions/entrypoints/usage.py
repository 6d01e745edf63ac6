"""GET /v1/usage: what was used and what it cost, as JSON or CSV.

A function of its own, with a role of its own: whoever executes runs, and so spends, may write the
ledger and never read it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_before_snapshot

from functions import config
from functions.bootstrap.surroundings import begin, homes, now, zone
from functions.bootstrap.tracing import flushed, provider
from functions.bootstrap.usage import usage_parts
from functions.domain import spreadsheet
from functions.domain.agent import GATEWAY_SECONDS
from functions.domain.errors import GatehouseError, NotFound
from functions.domain.team import Caller
from functions.domain.usage_query import UsageQuery
from functions.domain.usage_report import UsageReport
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.problems import problem
from functions.entrypoints.replies import for_browsers
from functions.entrypoints.requests import read_caller
from functions.entrypoints.spans import served
from functions.pipeline.stages import check_zone
from functions.pipeline.usage import final_before
from functions.settings import Settings

app = APIGatewayRestResolver()

ANSWERING = timedelta(seconds=5)
"""Kept back from adding up, so that what was added up can still be said."""


@app.get("/v1/usage")
def usage() -> Response[str]:
    caller, event = _caller(), app.current_event
    query = UsageQuery.read(event.multi_value_query_string_parameters, caller, now())
    seconds = min(app.lambda_context.get_remaining_time_in_millis() / 1000, GATEWAY_SECONDS)
    until = now() + timedelta(seconds=seconds) - ANSWERING
    report = UsageReport(
        query=query,
        zone=zone(),
        region=Settings.from_env().region,
        final_before=final_before(now()),
        sums=usage_parts().sums(query, until),
    )
    return _as_csv(report) if _wants_csv(event.headers) else _as_json(report)


@app.exception_handler(Exception)  # type: ignore[untyped-decorator]  # Powertools leaves it untyped
def fail(error: Exception) -> Response[str]:
    request_id = app.current_event.request_context.request_id or ""
    if isinstance(error, NotFoundError):
        error = NotFound("There is no such route; GET /v1/openapi.json lists them.")
    if not isinstance(error, GatehouseError):
        log_unexpected(error)
        error = GatehouseError()
    return problem(error, request_id, {}, {})


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(usage_parts)


@flushed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    reply = served(provider(), event, lambda: app.resolve(event, context))
    origin = app.current_event.headers.get("Origin")
    return for_browsers(reply, origin, config.zones().zones[zone()].origins)


def _caller() -> Caller:
    """Who calls; whose data belongs to another zone is sent there."""
    caller = read_caller(app.current_event)
    check_zone(caller, zone(), homes())
    return caller


def _wants_csv(headers: Mapping[str, str]) -> bool:
    """Whether the caller names CSV; whoever does not, or takes anything, gets JSON."""
    accepted = (part.partition(";")[0].strip() for part in headers.get("Accept", "").split(","))
    return spreadsheet.MEDIA_TYPE in {media_type.lower() for media_type in accepted}


def _as_json(report: UsageReport) -> Response[str]:
    return Response(200, "application/json", json.dumps(report.shown()))


def _as_csv(report: UsageReport) -> Response[str]:
    headers: dict[str, str | list[str]] = {
        "Content-Disposition": f'attachment; filename="{report.file_name}"'
    }
    return Response(200, f"{spreadsheet.MEDIA_TYPE}; charset=utf-8", report.table(), headers)
