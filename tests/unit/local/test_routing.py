"""Which method a path means."""

import pytest

from local.rest_api import Integration, Method
from local.routing import Router

INTEGRATION = Integration(function_arn="f", timeout_seconds=29, request_templates={}, responses=())


def method(http_method: str, path: str) -> Method:
    return Method(
        http_method=http_method,
        path=path,
        resource_id=path,
        integration=INTEGRATION,
        authorizer=None,
        key_required=False,
        required_parameters=(),
        models={},
    )


ROUTER = Router(
    [
        method("GET", "/"),
        method("GET", "/v1/agents"),
        method("GET", "/v1/agents/search"),
        method("GET", "/v1/agents/{agent}"),
        method("POST", "/v1/agents/{agent}/run"),
        method("ANY", "/v1/agents/{agent}/run"),
        method("GET", "/v1/{proxy+}"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "resource", "parameters"),
    [
        ("GET /", "/", {}),
        ("GET /v1/agents", "/v1/agents", {}),
        ("GET /v1/agents/", "/v1/agents", {}),
        ("GET /v1/agents/search", "/v1/agents/search", {}),
        ("GET /v1/agents/kyc", "/v1/agents/{agent}", {"agent": "kyc"}),
        ("GET /v1/agents/a%20b", "/v1/agents/{agent}", {"agent": "a b"}),
        ("POST /v1/agents/search/run", "/v1/agents/{agent}/run", {"agent": "search"}),
        ("GET /v1/a/b/c", "/v1/{proxy+}", {"proxy": "a/b/c"}),
        ("GET /v1/agents/kyc/else", "/v1/{proxy+}", {"proxy": "agents/kyc/else"}),
    ],
)
def test_the_most_specific_resource_wins(
    asked: str, resource: str, parameters: dict[str, str]
) -> None:
    match = ROUTER.match(*asked.split())
    assert match is not None
    assert (match.method.path, match.path_parameters) == (resource, parameters)


def test_a_named_method_beats_any() -> None:
    for asked, served in (("POST", "POST"), ("DELETE", "ANY")):
        match = ROUTER.match(asked, "/v1/agents/kyc/run")
        assert match is not None
        assert match.method.http_method == served


@pytest.mark.parametrize(
    "asked", ["GET /v2", "GET /v1", "DELETE /v1/agents", "POST /v1/agents/search"]
)
def test_what_nobody_serves_matches_nothing(asked: str) -> None:
    assert ROUTER.match(*asked.split()) is None
