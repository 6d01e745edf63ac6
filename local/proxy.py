"""Lambda proxy integration: requests as events, and a function's answer as a response.

The event is API Gateway's version 1.0, for a proxy integration and for a REQUEST authorizer alike.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl

from local.gateway_responses import MALFORMED_REPLY, Refused
from local.http import Headers, Request, Response, media_type
from local.invocation import Reply
from local.physical import digest
from local.rest_api import RestApi
from local.routing import Match
from local.template import JsonObject

REMAPPED = frozenset(
    {"authorization", "connection", "content-length", "content-md5", "date"}
    | {"host", "server", "transfer-encoding", "upgrade", "www-authenticate"}
)
"""Headers that API Gateway sets itself; a function's own value gets another name."""

NO_IDENTITY = (
    "accessKey accountId caller cognitoAuthenticationProvider cognitoAuthenticationType "
    "cognitoIdentityId cognitoIdentityPoolId principalOrgId user userArn"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request on its way through the gateway, with what is known about it so far."""

    api: RestApi
    request: Request
    path: str
    """Without the stage."""
    match: Match
    request_id: str
    trace: str
    received_at: datetime

    @property
    def method_arn(self) -> str:
        return self.api.method_arn(self.request.method, self.path)

    def context(self, authorized: Mapping[str, Any], key: tuple[str, str] | None) -> JsonObject:
        """The request context; ``key`` is the API key's id and value."""
        method, request = self.match.method, self.request
        key_id, key_value = key or (None, None)
        return {
            "accountId": self.api.account,
            "apiId": self.api.id,
            "authorizer": dict(authorized),
            "deploymentId": str(self.api.stage["DeploymentId"]),
            "domainName": self.api.domain,
            "domainPrefix": self.api.id,
            "extendedRequestId": digest(self.request_id, length=16),
            "httpMethod": request.method,
            "identity": {
                **dict.fromkeys(NO_IDENTITY.split()),
                "apiKey": key_value,
                "apiKeyId": key_id,
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": self.received_at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(self.received_at.timestamp() * 1000),
            "resourceId": method.resource_id,
            "resourcePath": method.path,
            "stage": self.api.stage_name,
            "xrayTraceId": self.trace.split(";")[0].removeprefix("Root="),
        }

    def event(self, context: JsonObject) -> JsonObject:
        """The proxy event."""
        request = self.request
        added = dict(self._added_headers())
        kept = (pair for pair in request.headers if pair[0].lower() not in added)
        headers = (*kept, *added.items())
        query = tuple(parse_qsl(request.query, keep_blank_values=True))
        text, is_base64 = self._body()
        return {
            "resource": self.match.method.path,
            "path": self.path,
            "httpMethod": request.method,
            "headers": dict(headers),
            "multiValueHeaders": _multi(headers),
            "queryStringParameters": dict(query) or None,
            "multiValueQueryStringParameters": _multi(query) or None,
            "pathParameters": dict(self.match.path_parameters) or None,
            "stageVariables": self.api.stage.get("Variables"),
            "requestContext": context,
            "body": text,
            "isBase64Encoded": is_base64,
        }

    def authorizer_event(self) -> JsonObject:
        """The event for a REQUEST authorizer: all but the body."""
        event = self.event(self.context({}, None))
        for name in ("body", "isBase64Encoded"):
            del event[name]
        del event["requestContext"]["authorizer"]
        # An authorizer gets objects where a function would get null.
        for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters"):
            event[name] = event[name] or {}
        return {"type": "REQUEST", "methodArn": self.method_arn, **event}

    def _added_headers(self) -> Headers:
        # Whatever a caller claims about its origin stands before what is known about it.
        hops = (self.request.header("x-forwarded-for"), self.request.source_ip)
        return (
            ("x-amzn-trace-id", self.trace.split(";")[0]),
            ("x-forwarded-for", ", ".join(hop for hop in hops if hop)),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        )

    def _body(self) -> tuple[str | None, bool]:
        body = self.request.body
        if not body:
            return None, False
        if _is_binary(self.request.header("content-type"), self.api.binary_media_types):
            return base64.b64encode(body).decode(), True
        # What is no text is mangled, as on API Gateway.
        return body.decode("utf-8", errors="replace"), False


def response(reply: Reply, call: Call) -> Response:
    """What a function's answer means to the caller.

    Raises:
        Refused: the function failed, or its answer is no proxy response.
    """
    if reply.failed:
        raise Refused(MALFORMED_REPLY)
    try:
        answer = reply.json()
        status = int(answer["statusCode"])
        headers = _headers(answer)
        body = _reply_body(answer, call)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(MALFORMED_REPLY) from error
    if not any(name == "content-type" for name, _ in headers):
        headers = (*headers, ("content-type", "application/json"))
    return Response(status, headers, body)


def _headers(answer: JsonObject) -> Headers:
    """Single and multiple values together; a name in both has all its values."""
    found: dict[str, list[str]] = {}
    for name, values in _object(answer, "multiValueHeaders").items():
        found.setdefault(name.lower(), []).extend(str(value) for value in values)
    for name, value in _object(answer, "headers").items():
        if str(value) not in found.setdefault(name.lower(), []):
            found[name.lower()].append(str(value))
    return tuple((_renamed(name), value) for name, values in found.items() for value in values)


def _object(answer: JsonObject, name: str) -> JsonObject:
    found = answer.get(name)
    if found is not None and not isinstance(found, dict):
        msg = f"{name} must be an object"
        raise TypeError(msg)
    return found or {}


def _renamed(name: str) -> str:
    return f"x-amzn-remapped-{name}" if name in REMAPPED else name


def _reply_body(answer: JsonObject, call: Call) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        msg = "a body must be text"
        raise TypeError(msg)
    accepts = call.request.header("accept")
    if answer.get("isBase64Encoded") and _is_binary(accepts, call.api.binary_media_types):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise ValueError(body[:20]) from error
    return body.encode()


def _is_binary(header: str | None, binary: Iterable[str]) -> bool:
    """Whether the first media type of a header is one that the API takes for binary."""
    found = media_type(header.split(",")[0] if header else None)
    return found is not None and any(fnmatchcase(found, b.replace("~1", "/")) for b in binary)


def _multi(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
