"""Errors as RFC 9457 problems: one shape for everything that goes wrong over HTTP."""

import json

from aws_lambda_powertools.event_handler import Response

from functions.domain.errors import GatehouseError
from functions.domain.names import JsonObject

CONTENT_TYPE = "application/problem+json"


def problem(
    error: GatehouseError, request_id: str, limits: dict[str, str], members: JsonObject
) -> Response[str]:
    """The HTTP reply for an error of our tree, with the members that its route adds."""
    body = error.problem() | {"request_id": request_id} | members
    headers: dict[str, str | list[str]] = {**limits}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Response(error.status, CONTENT_TYPE, json.dumps(body), headers)
