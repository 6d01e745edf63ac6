"""What API Gateway's own replies tell browsers, with and without origins in the configuration."""

from collections.abc import Iterator

import pytest

from functions.domain import browsers
from infra.routes import ROUTES
from local.gateway_responses import static_headers
from local.http import Request, Response
from local.mock import respond
from local.rest_api import Integration
from tests.infra.conftest import ORIGINS
from tests.infra.templates import Resource, Template, each

METHOD = "AWS::ApiGateway::Method"
CORS = "Access-Control-"


def own_replies(templates: list[Template]) -> Iterator[tuple[str, dict[str, str]]]:
    """The headers of each reply that asks no function."""
    for template, id_, response in each(templates, "AWS::ApiGateway::GatewayResponse"):
        mapped = response["ResponseParameters"]
        yield f"{template.name}.{id_}", dict(static_headers(mapped, "gatewayresponse.header.", {}))
    for template, id_, method in each(templates, METHOD):
        for response in method["Integration"].get("IntegrationResponses", ()):
            mapped = response["ResponseParameters"]
            headers = dict(static_headers(mapped, "method.response.header.", {}))
            yield f"{template.name}.{id_}", headers


def preflights(templates: list[Template]) -> list[Resource]:
    found = [method for _, _, method in each(templates, METHOD)]
    return [method for method in found if method["HttpMethod"] == "OPTIONS"]


def asked(method: Resource, **headers: str) -> Response:
    """What a preflight is answered, from its templates."""
    integration = Integration(
        function_arn=None,
        timeout_seconds=29,
        request_templates=method["Integration"]["RequestTemplates"],
        responses=tuple(method["Integration"]["IntegrationResponses"]),
    )
    request = Request(method="OPTIONS", path="/live", headers=tuple(headers.items()))
    return respond(integration, request, {})


def test_every_own_reply_has_the_security_headers(every: list[Template]) -> None:
    replies = list(own_replies(every))
    assert len(replies) > 100
    for where, headers in replies:
        assert browsers.SECURITY.items() <= headers.items(), where


def test_without_origins_no_page_of_another_origin_is_told_anything(
    deployed: list[Template],
) -> None:
    assert preflights(deployed) == []
    for where, headers in own_replies(deployed):
        assert not [name for name in headers if name.startswith(CORS)], where


def test_with_origins_a_page_can_read_why_it_was_refused(grown: list[Template]) -> None:
    for where, headers in own_replies(grown):
        if f"{CORS}Allow-Methods" not in headers:
            assert browsers.readable("*").items() <= headers.items(), where
        assert f"{CORS}Allow-Credentials" not in headers, where


def test_every_path_answers_preflights_without_a_token_a_key_or_a_function(
    grown: list[Template],
) -> None:
    found = preflights(grown)
    assert len(found) == len({route.path for route in ROUTES})
    for method in found:
        assert (method["AuthorizationType"], method["ApiKeyRequired"]) == ("NONE", False)
        assert method["Integration"]["Type"] == "MOCK"
        declared = method["MethodResponses"][0]["ResponseParameters"]
        mapped = method["Integration"]["IntegrationResponses"][0]["ResponseParameters"]
        assert declared.keys() == mapped.keys()


@pytest.mark.parametrize("header", ["Origin", "origin"])
def test_a_preflight_names_the_origin_that_asked_if_it_is_one_of_ours(
    grown: list[Template], header: str
) -> None:
    for method in preflights(grown):
        for origin in ORIGINS:
            reply = asked(method, **{header: origin})
            assert (reply.status, reply.body) == (204, b"")
            assert reply.header(f"{CORS}Allow-Origin") == origin
            for name, value in browsers.preflight().items():
                assert reply.header(name) == value


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "*"},
        {"Origin": "https://appxexample.com"},
        {"Origin": "https://app.example.com.evil.example"},
        {"Origin": "http://app.example.com"},
        {"Origin": "$context.requestId"},
    ],
)
def test_a_preflight_from_elsewhere_is_told_no_origin(
    grown: list[Template], headers: dict[str, str]
) -> None:
    for method in preflights(grown):
        assert asked(method, **headers).header(f"{CORS}Allow-Origin") is None
