"""Mock integrations: answers that API Gateway makes from the template alone."""

import json
import re
from dataclasses import dataclass
from typing import Any

import airspeed

from local.gateway_responses import (
    MALFORMED_REPLY,
    UNSUPPORTED_MEDIA_TYPE,
    Refused,
    static_headers,
)
from local.http import Request, Response, media_type
from local.rest_api import Integration
from local.template import JsonObject

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Input:
    """``$input`` of a mapping template; of its functions, the one without arguments."""

    request: Request

    def params(self) -> dict[str, dict[str, str]]:
        return {"header": dict(self.request.headers)}


def respond(integration: Integration, request: Request, context: JsonObject) -> Response:
    """The mapped response of a mock.

    Raises:
        Refused: the request's media type has no template, or no response matches its status.
    """
    content_type = media_type(request.header("content-type")) or JSON
    if content_type not in integration.request_templates:
        # Deviation from AWS: there, another passthrough behaviour than NEVER would read the body.
        raise Refused(UNSUPPORTED_MEDIA_TYPE)
    names = {"context": context, "input": _Input(request)}
    asked = json.loads(_rendered(integration.request_templates[content_type], names))
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
    templates = chosen.get("ResponseTemplates") or {JSON: ""}
    kind, template = next(iter(templates.items()))
    overridden: dict[str, str] = {}
    override = {"responseOverride": {"header": overridden}}
    body = _rendered(template, {**names, "context": {**context, **override}})
    parameters = chosen.get("ResponseParameters", {})
    mapped = static_headers(parameters, "method.response.header.", context)
    headers = {"content-type": kind, **_lowered(dict(mapped)), **_lowered(overridden)}
    return Response(int(chosen["StatusCode"]), tuple(headers.items()), body.encode())


def _rendered(template: str, names: dict[str, Any]) -> str:
    """A template in the Velocity language, filled in."""
    return str(airspeed.Template(template).merge(names))


def _lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
