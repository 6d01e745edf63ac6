"""Mock integrations: answers that API Gateway makes from the template alone."""

import json
import re

from local.gateway_responses import (
    MALFORMED_REPLY,
    UNSUPPORTED_MEDIA_TYPE,
    Refused,
    static_headers,
    substitute,
)
from local.http import Request, Response, media_type
from local.rest_api import Integration
from local.template import JsonObject

JSON = "application/json"


def respond(integration: Integration, request: Request, context: JsonObject) -> Response:
    """The mapped response of a mock.

    Templates may hold ``$context`` variables; the rest of the Velocity language is not known here.

    Raises:
        Refused: the request's media type has no template, or no response matches its status.
    """
    content_type = media_type(request.header("content-type")) or JSON
    if content_type not in integration.request_templates:
        # Deviation from AWS: there, another passthrough behaviour than NEVER would read the body.
        raise Refused(UNSUPPORTED_MEDIA_TYPE)
    asked = json.loads(substitute(integration.request_templates[content_type], context))
    chosen = next(
        (
            response
            for response in integration.responses
            if re.fullmatch(response.get("SelectionPattern") or ".*", str(asked["statusCode"]))
        ),
        None,
    )
    if chosen is None:
        raise Refused(MALFORMED_REPLY)
    parameters = chosen.get("ResponseParameters", {})
    headers = dict(static_headers(parameters, "method.response.header.", context))
    templates = chosen.get("ResponseTemplates") or {JSON: ""}
    kind, template = next(iter(templates.items()))
    lowered = {"content-type": kind} | {name.lower(): value for name, value in headers.items()}
    return Response(
        int(chosen["StatusCode"]), tuple(lowered.items()), substitute(template, context).encode()
    )
