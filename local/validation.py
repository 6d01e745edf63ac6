"""Request validators: what API Gateway checks of a request before any function is asked."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from local.gateway_responses import BAD_REQUEST_BODY, BAD_REQUEST_PARAMETERS, Refused
from local.http import Request, media_type
from local.rest_api import Method


def validate(method: Method, request: Request, path_parameters: Mapping[str, str]) -> None:
    """Check required parameters and the body's model.

    Raises:
        Refused: a parameter is missing, or the body does not fit.
    """
    missing = [
        name.split(".", 1)[1]
        for name in method.required_parameters
        if not _has(request, path_parameters, *name.split(".", 1))
    ]
    if missing:
        raise Refused(
            BAD_REQUEST_PARAMETERS, f"Missing required request parameters: [{', '.join(missing)}]"
        )
    schema = method.models.get(media_type(request.header("content-type")) or "application/json")
    if schema is not None:
        _check_body(request.body, schema)


def _has(request: Request, path_parameters: Mapping[str, str], place: str, name: str) -> bool:
    match place:
        case "header":
            return bool(request.header(name))
        case "querystring":
            return bool(dict(parse_qsl(request.query)).get(name))
        case _:
            return name in path_parameters


def _check_body(body: bytes, schema: Mapping[str, Any]) -> None:
    from jsonschema import Draft4Validator

    try:
        value = json.loads(body, parse_constant=_no_json)
    except ValueError:
        raise Refused(BAD_REQUEST_BODY, details="the body is not JSON") from None
    # Deviation from AWS: the wording of what is wrong differs, the verdict does not.
    problems = [error.message for error in Draft4Validator(schema).iter_errors(value)]
    if problems:
        raise Refused(BAD_REQUEST_BODY, details=json.dumps(problems)[1:-1])


def _no_json(constant: str) -> None:
    """Python reads ``NaN`` and ``Infinity``; JSON has no such numbers."""
    raise ValueError(constant)
