"""Errors as RFC 9457 problems: one shape for everything that goes wrong over HTTP."""

import json

from aws_lambda_powertools.event_handler import Response

from functions.domain.errors import GatehouseError, InvalidInput
from functions.domain.names import JsonObject

CONTENT_TYPE = "application/problem+json"


def problem(error: GatehouseError, request_id: str) -> Response[str]:
    """The HTTP reply for an error of our tree."""
    body: JsonObject = {
        "type": error.type_uri(),
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "retryable": error.retryable,
        "request_id": request_id,
    }
    if isinstance(error, InvalidInput):
        body["violations"] = list(error.violations)
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Response(error.status, CONTENT_TYPE, json.dumps(body), headers)
