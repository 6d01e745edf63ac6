"""Bad input over real HTTP: each kind has its own problem type, and none tells too much."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.identity import Minter
from local.stack import LocalStack
from tests.e2e.conftest import sample

RUN = "/v1/agents/ticket_summary/run"
INTERNAL = (
    "Traceback", "awslambdaric", "boto3", "botocore", "dynamodb", "functions.", "gatehouse-eu",
    "moto", "powertools", "pydantic", "runtime", "site-packages", ".py", "arn:", "/var/",
)  # fmt: skip


def problem(response: httpx.Response, status: int, slug: str, stack: LocalStack) -> Any:
    """Check that a response is this problem, and that it leaks nothing; its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["type"] == f"urn:gatehouse:problem:{slug}"
    assert body["status"] == status
    assert {"title", "detail", "retryable", "request_id"} <= body.keys()
    names = (*INTERNAL, *stack.running.functions, *stack.running.tables, str(stack.state_dir))
    told = response.text.lower()
    assert [name for name in names if name.lower() in told] == []
    return body


def unsigned(identity: Minter) -> str:
    """A token that says of itself that it needs no signature."""
    claims = jwt.decode(identity.mint("platform"), options={"verify_signature": False})
    parts = ({"alg": "none", "typ": "JWT", "kid": "any"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return ".".join(part.decode().rstrip("=") for part in encoded) + "."


def forged(identity: Minter) -> str:
    """A token signed by somebody else."""
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return Minter(own, identity.issuers, identity.teams).mint("platform")


def someone_elses_key(identity: Minter) -> str:
    """A forged token that names the real key."""
    claims = jwt.decode(identity.mint("platform"), options={"verify_signature": False})
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(identity.mint("platform"))["kid"]
    return jwt.encode(claims, own, "RS256", headers={"kid": kid})


TOKENS: dict[str, Callable[[Minter], str]] = {
    "expired": lambda identity: identity.mint("platform", lifetime_seconds=-3600),
    "another audience": lambda identity: identity.mint("platform", aud="someone-else"),
    "another issuer": lambda identity: identity.mint("platform", iss="https://evil.example"),
    "no audience": lambda identity: identity.mint("platform", aud=None),
    "no expiry": lambda identity: identity.mint("platform", exp=None),
    "not yet valid": lambda identity: identity.mint("platform", nbf=4102444800),
    "unknown team": lambda identity: identity.mint("nobody", ["kyc:screen"]),
    "alg none": unsigned,
    "forged": forged,
    "forged under the real key's name": someone_elses_key,
    "no token at all": lambda _: "x",
}


@pytest.fixture(scope="module")
def identity(stack: LocalStack) -> Minter:
    return stack.identity


@pytest.fixture(scope="module")
def platform(identity: Minter) -> dict[str, str]:
    return {"Authorization": f"Bearer {identity.mint('platform')}"}


def test_without_a_token(http: httpx.Client, stack: LocalStack) -> None:
    response = http.post(RUN, json={"input": {}})
    problem(response, 401, "unauthenticated", stack)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", TOKENS)
def test_with_a_token_that_is_not_accepted(
    kind: str, http: httpx.Client, stack: LocalStack, identity: Minter
) -> None:
    token = TOKENS[kind](identity)
    response = http.post(RUN, json={"input": {}}, headers={"Authorization": f"Bearer {token}"})
    problem(response, 401, "unauthenticated", stack)
    assert token not in response.text
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_with_another_scheme(http: httpx.Client, stack: LocalStack) -> None:
    problem(http.get("/v1/agents", auth=("user", "secret")), 401, "unauthenticated", stack)


def test_for_an_agent_that_does_not_exist(
    http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    response = http.post("/v1/agents/nothing/run", json={"input": {}}, headers=platform)
    problem(response, 404, "unknown-agent", stack)


def test_with_the_wrong_role(http: httpx.Client, stack: LocalStack, identity: Minter) -> None:
    token = identity.mint("helpdesk")
    response = http.post(
        "/v1/agents/kyc_screening/run",
        json={"input": sample("kyc_screening")},
        headers={"Authorization": f"Bearer {token}"},
    )
    problem(response, 403, "access-denied", stack)


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b'{"input": {', 400, "malformed-request"),
        (b'{"input": {"subject": NaN}}', 400, "malformed-request"),
        (b'{"input": {"subject": Infinity}}', 400, "malformed-request"),
        (b'{"input": {}, "input": {}}', 400, "malformed-request"),
        (b"\xff\xfe", 400, "malformed-request"),
        (b"", 400, "malformed-request"),
        (b"[]", 400, "malformed-request"),
        (b'{"input": []}', 422, "invalid-input"),
        (b'{"input": {}}', 422, "invalid-input"),
        (b'{"input": {}, "more": 1}', 422, "invalid-input"),
        (b'{"input": {"subject": "' + b"x" * 1_000_000 + b'"}}', 413, "payload-too-large"),
    ],
)
def test_with_a_body_that_cannot_be_used(
    body: bytes,
    status: int,
    slug: str,
    http: httpx.Client,
    stack: LocalStack,
    platform: dict[str, str],
) -> None:
    headers = {**platform, "Content-Type": "application/json"}
    problem(http.post(RUN, content=body, headers=headers), status, slug, stack)


def test_with_a_missing_field_it_is_named(
    http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    whole = sample("ticket_summary")
    gone = next(iter(whole))
    rest = {name: value for name, value in whole.items() if name != gone}
    response = http.post(RUN, json={"input": rest}, headers=platform)
    body = problem(response, 422, "invalid-input", stack)
    assert f"/{gone}" in [
        violation["pointer"].removeprefix("/input") for violation in body["violations"]
    ]


def test_with_a_body_that_is_not_json(
    http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    response = http.post(RUN, content="<a/>", headers={**platform, "Content-Type": "text/xml"})
    problem(response, 415, "unsupported-media-type", stack)


def test_with_eleven_megabytes(
    http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    response = http.post(RUN, content=b" " * 11_000_000, headers=platform)
    problem(response, 413, "payload-too-large", stack)


@pytest.mark.parametrize("where", ["/v1/nothing", "/v2/agents", "/", "/v1/agents/a/b/c"])
def test_for_a_route_that_does_not_exist(
    where: str, http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    problem(http.get(where, headers=platform), 404, "not-found", stack)


@pytest.mark.parametrize(
    ("method", "where", "allowed"),
    [("GET", RUN, "POST"), ("DELETE", "/v1/agents", "GET"), ("PUT", "/v1/agents/x", "GET")],
)
def test_with_the_wrong_method(
    method: str, where: str, allowed: str, http: httpx.Client, stack: LocalStack
) -> None:
    response = http.request(method, where)
    problem(response, 405, "method-not-allowed", stack)
    assert response.headers["allow"] == allowed


def test_without_a_required_parameter(
    http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    response = http.get("/v1/agents/search", headers=platform)
    problem(response, 400, "malformed-request", stack)


@pytest.mark.parametrize("header", [{"Idempotency-Key": "two words"}, {"X-Workflow": "ä b"}])
def test_with_a_header_that_cannot_be_used(
    header: dict[str, str], http: httpx.Client, stack: LocalStack, platform: dict[str, str]
) -> None:
    sent = {name.encode(): value.encode() for name, value in {**platform, **header}.items()}
    response = http.post(RUN, json={"input": sample("ticket_summary")}, headers=sent)
    problem(response, 400, "malformed-request", stack)
