"""What API Gateway itself answers with when a request never reaches a function of ours.

Left alone it would say ``{"message": "Missing Authentication Token"}`` with 403 for an unknown
route. Here every such answer is a problem of the same tree that the functions use, so that a client
needs one way to read an error, whoever found it.
"""

import json
from dataclasses import dataclass

from functions.domain.agent import GATEWAY_SECONDS
from functions.domain.errors import (
    AccessDenied,
    CallerError,
    GatehouseError,
    MalformedRequest,
    NotFound,
    OutOfTime,
    PayloadTooLarge,
    QuotaExceeded,
    StoreUnavailable,
    Throttled,
    Unauthenticated,
    UnsupportedMediaType,
    UpstreamError,
)

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class GatewayProblem:
    """A kind of failure in API Gateway's words, and our answer to it."""

    response_type: str
    error: type[GatehouseError]
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


PROBLEMS = (
    GatewayProblem(
        "UNAUTHORIZED",
        Unauthenticated,
        "Send the header 'Authorization: Bearer <access token>'.",
        (("WWW-Authenticate", "Bearer"),),
    ),
    # Only the authorizer denies, and only for a token that it does not accept; it says why.
    GatewayProblem(
        "ACCESS_DENIED",
        Unauthenticated,
        "$context.authorizer.detail",
        (("WWW-Authenticate", 'Bearer error="invalid_token"'),),
    ),
    GatewayProblem(
        "INVALID_API_KEY",
        AccessDenied,
        "Your team has no key in this region; ask the platform team to deploy it.",
    ),
    GatewayProblem("WAF_FILTERED", AccessDenied, "The request was refused by the firewall."),
    GatewayProblem(
        "MISSING_AUTHENTICATION_TOKEN",
        NotFound,
        "There is no such route; GET /v1/openapi.json lists them.",
    ),
    GatewayProblem(
        "RESOURCE_NOT_FOUND",
        NotFound,
        "There is no such route; GET /v1/openapi.json lists them.",
    ),
    GatewayProblem(
        "THROTTLED",
        Throttled,
        "Your team sends faster than its tier allows; slow down and send again.",
        (("Retry-After", "1"), ("RateLimit", '"second";r=0;t=1')),
    ),
    GatewayProblem(
        "QUOTA_EXCEEDED",
        QuotaExceeded,
        "Your team has used up its requests of this month; ask the platform team for more.",
        (("Retry-After", "3600"), ("RateLimit", '"month";r=0')),
    ),
    GatewayProblem("REQUEST_TOO_LARGE", PayloadTooLarge, "The body is larger than 10 MB."),
    GatewayProblem("BAD_REQUEST_PARAMETERS", MalformedRequest, "$context.error.message"),
    GatewayProblem(
        "BAD_REQUEST_BODY",
        MalformedRequest,
        "The body must be a JSON object; for events it may be a list of them.",
    ),
    GatewayProblem(
        "UNSUPPORTED_MEDIA_TYPE",
        UnsupportedMediaType,
        "Send the body as 'Content-Type: application/json'.",
    ),
    GatewayProblem(
        "INTEGRATION_TIMEOUT",
        OutOfTime,
        f"No answer within {GATEWAY_SECONDS} seconds; longer work needs 'Prefer: respond-async'.",
    ),
    GatewayProblem(
        "INTEGRATION_FAILURE", UpstreamError, "The function behind this route could not be reached."
    ),
    # The authorizer fails while the keys of a token's issuer cannot be had.
    GatewayProblem(
        "AUTHORIZER_FAILURE",
        StoreUnavailable,
        "The token could not be checked at the moment; send the request again.",
        (("Retry-After", "5"),),
    ),
    GatewayProblem(
        "AUTHORIZER_CONFIGURATION_ERROR", GatehouseError, "The token could not be checked."
    ),
    GatewayProblem("DEFAULT_4XX", CallerError, "The request cannot be served as it is."),
    GatewayProblem("DEFAULT_5XX", GatehouseError, "Quote the request id to the platform team."),
)


def body(error: type[GatehouseError], detail: str) -> str:
    """The problem as API Gateway's template; it fills in the ``$context`` variables."""
    return json.dumps(
        {
            "type": error.type_uri(),
            "title": error.title,
            "status": error.status,
            "detail": detail,
            "retryable": error.retryable,
            "request_id": "$context.requestId",
        }
    )
