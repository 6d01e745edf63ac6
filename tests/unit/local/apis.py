"""A small REST API as templates state it, and a gateway over it that calls plain functions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local import rest_api
from local.functions import name_of
from local.gateway import LocalGateway
from local.http import Request, Response
from local.invocation import Invocation, Reply
from local.rest_api import RestApi
from tests.unit.local.assemblies import Body, att, ref, res, resolved, stack

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Event = dict[str, Any]
Handler = Callable[[Event], Any]


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def function_uri(name: str) -> str:
    arn = f"arn:aws:lambda:eu-central-1:111122223333:function:{name}:live"
    return f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def method(parent: str, http_method: str = "GET", **properties: Any) -> Body:
    """A method that asks the function ``http``."""
    integration = {"Type": "AWS_PROXY", "Uri": function_uri("http")}
    return res(
        "ApiGateway::Method",
        **{
            "HttpMethod": http_method,
            "ResourceId": ref(parent) if parent else att("Api", "RootResourceId"),
            "RestApiId": ref("Api"),
            "Integration": integration,
            **properties,
        },
    )


def path(part: str, parent: str = "") -> Body:
    parent_id = ref(parent) if parent else att("Api", "RootResourceId")
    return res("ApiGateway::Resource", PathPart=part, ParentId=parent_id, RestApiId=ref("Api"))


def authorizer(**properties: Any) -> Body:
    return res(
        "ApiGateway::Authorizer",
        **{
            "Type": "REQUEST",
            "AuthorizerUri": function_uri("authorizer"),
            "IdentitySource": "method.request.header.Authorization",
            "RestApiId": ref("Api"),
            **properties,
        },
    )


PROTECTED: dict[str, Any] = {"AuthorizationType": "CUSTOM", "AuthorizerId": ref("Authorizer")}
METERED: dict[str, Any] = {**PROTECTED, "ApiKeyRequired": True}


def template(*, api: Mapping[str, Any] | None = None, **resources: Body) -> dict[str, Body]:
    """The resources of an API with these, and with what every API has."""
    return {
        "Api": res("ApiGateway::RestApi", **{"ApiKeySourceType": "AUTHORIZER", **(api or {})}),
        "Deployment": res("ApiGateway::Deployment", RestApiId=ref("Api")),
        "Stage": res(
            "ApiGateway::Stage",
            StageName="live",
            DeploymentId=ref("Deployment"),
            RestApiId=ref("Api"),
        ),
        "Authorizer": authorizer(),
        **resources,
    }


def api_of(resources: Mapping[str, Body]) -> RestApi:
    found = rest_api.of(resolved(stack(Resources=resources)).values())
    assert found is not None
    return found


@dataclass
class Functions:
    """Plays the functions behind an API, and remembers what they were asked."""

    handlers: dict[str, Handler]
    events: list[tuple[str, Event]] = field(default_factory=list)

    def __call__(self, call: Invocation) -> Reply:
        event = json.loads(call.payload)
        self.events.append((name_of(call.arn), event))
        answer = self.handlers[name_of(call.arn)](event)
        return answer if isinstance(answer, Reply) else Reply(json.dumps(answer).encode())

    def asked(self, name: str) -> list[Event]:
        return [event for function, event in self.events if function == name]


def ok(event: Event) -> Any:
    return {"statusCode": 200, "body": "{}"}


def allow(event: Event, **more: Any) -> Any:
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "ada", "policyDocument": policy, **more}


@dataclass
class Api:
    """A gateway in front of functions; ``get`` and the like go through it."""

    resources: Mapping[str, Body]
    http: Handler = ok
    authorize: Handler = allow
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.functions = Functions({"http": self.http, "authorizer": self.authorize})
        self.gateway = LocalGateway(api_of(self.resources), self.functions, now=self.clock)

    def call(self, http_method: str, path: str, /, body: bytes = b"", **headers: str) -> Response:
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        where, _, query = path.partition("?")
        return self.gateway.handle(
            Request(method=http_method, path=where, query=query, headers=named, body=body)
        )

    def get(self, path: str, **headers: str) -> Response:
        return self.call("GET", path, b"", **headers)


def message(response: Response) -> Any:
    return json.loads(response.body).get("message")
