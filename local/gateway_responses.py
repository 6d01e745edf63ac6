"""What API Gateway answers by itself: its kinds of refusal, and how the template words them.

THROTTLED ─▶ the template's THROTTLED ─▶ its DEFAULT_4XX ─▶ {"message": "Too Many Requests"}
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.http import Headers, Response, media_type
from local.template import JsonObject

_VARIABLE = re.compile(r"\$(context|stageVariables)((?:\.\w+)+)")
_SERVER_ERRORS = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """A refusal as API Gateway words it when the template says nothing else."""

    response_type: str
    status: int
    error_type: str
    message: str | None


ACCESS_DENIED = Kind(
    "ACCESS_DENIED",
    403,
    "AccessDeniedException",
    "User is not authorized to access this resource",
)
AUTHORIZER_CONFIGURATION_ERROR = Kind(
    "AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", None
)
AUTHORIZER_FAILURE = Kind("AUTHORIZER_FAILURE", 500, "AuthorizerFailureException", None)
BAD_REQUEST_BODY = Kind("BAD_REQUEST_BODY", 400, "BadRequestException", "Invalid request body")
BAD_REQUEST_PARAMETERS = Kind("BAD_REQUEST_PARAMETERS", 400, "BadRequestException", None)
INTEGRATION_TIMEOUT = Kind(
    "INTEGRATION_TIMEOUT", 504, "InternalServerErrorException", "Endpoint request timed out"
)
INVALID_API_KEY = Kind("INVALID_API_KEY", 403, "ForbiddenException", "Forbidden")
MALFORMED_REPLY = Kind("DEFAULT_5XX", 502, "InternalServerErrorException", "Internal server error")
"""The function failed, or answered with what is no response; there is no kind of its own for it."""
MISSING_AUTHENTICATION_TOKEN = Kind(
    "MISSING_AUTHENTICATION_TOKEN",
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
)
QUOTA_EXCEEDED = Kind("QUOTA_EXCEEDED", 429, "LimitExceededException", "Limit Exceeded")
REQUEST_TOO_LARGE = Kind(
    "REQUEST_TOO_LARGE",
    413,
    "RequestTooLargeException",
    "HTTP content length exceeded 10485760 bytes.",
)
THROTTLED = Kind("THROTTLED", 429, "TooManyRequestsException", "Too Many Requests")
UNAUTHORIZED = Kind("UNAUTHORIZED", 401, "UnauthorizedException", "Unauthorized")
UNSUPPORTED_MEDIA_TYPE = Kind(
    "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type"
)


class Refused(Exception):
    """The gateway answers a request itself."""

    def __init__(self, kind: Kind, message: str | None = None, details: str | None = None) -> None:
        super().__init__(kind.response_type)
        self.kind = kind
        self.message = message or kind.message
        self.details = details or self.message


def render(
    refused: Refused,
    worded: Mapping[str, Mapping[str, Any]],
    context: JsonObject,
    accept: str | None,
) -> Response:
    """The response to a refusal, in the template's words where it has any."""
    kind = refused.kind
    context = {**context, "error": _error(refused)}
    family = "DEFAULT_5XX" if kind.status >= _SERVER_ERRORS else "DEFAULT_4XX"
    wording = worded.get(kind.response_type) or worded.get(family) or {}
    templates = wording.get("ResponseTemplates") or {
        "application/json": '{"message":$context.error.messageString}'
    }
    content_type, template = _choose(templates, accept)
    headers = {
        "content-type": content_type,
        "x-amzn-errortype": kind.error_type,
        **_headers(wording.get("ResponseParameters", {}), context),
    }
    status = int(wording.get("StatusCode", kind.status))
    body = substitute(template, context)
    return Response(status, tuple(headers.items()), body.encode())


def substitute(template: str, context: JsonObject) -> str:
    """Fill in ``$context`` variables. A gateway response may hold nothing else."""

    def value(match: re.Match[str]) -> str:
        found: Any = context if match[1] == "context" else context.get("stageVariables", {})
        for name in match[2].strip(".").split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return "" if found is None else str(found)

    return _VARIABLE.sub(value, template)


def static_headers(parameters: Mapping[str, str], prefix: str, context: JsonObject) -> Headers:
    """Headers as a template maps them: ``'a constant'`` or ``context.something``."""
    found = []
    for name, source in parameters.items():
        value = source[1:-1] if source.startswith("'") else substitute(f"${source}", context)
        found.append((name.removeprefix(prefix), value))
    return tuple(found)


def _error(refused: Refused) -> JsonObject:
    return {
        "message": refused.message,
        "messageString": json.dumps(refused.message),
        "responseType": refused.kind.response_type,
        "validationErrorString": refused.details,
    }


def _headers(parameters: Mapping[str, str], context: JsonObject) -> dict[str, str]:
    found = static_headers(parameters, "gatewayresponse.header.", context)
    return {name.lower(): value for name, value in found}


def _choose(templates: Mapping[str, str], accept: str | None) -> tuple[str, str]:
    """The template for what the caller accepts; failing that, JSON; failing that, the first."""
    for wanted in (media_type(accept), "application/json"):
        if wanted is not None and wanted in templates:
            return wanted, templates[wanted]
    return next(iter(templates.items()))
