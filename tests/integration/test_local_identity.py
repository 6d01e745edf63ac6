"""The identity provider over HTTPS, verified by the verifier that the authorizer uses."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from functions.adapters import tokens
from functions.adapters.tokens import TokenVerifier
from functions.domain.errors import StoreUnavailable
from functions.domain.issuer import Issuer
from local.identity import Issuers, Minter
from local.identity_server import ISSUERS_VARIABLE, IdentityServer

COMPANY = (
    Issuer(issuer="https://login.example.com/", audience="gatehouse", team_claim="tid"),
    Issuer(issuer="https://b2b.example.com/", audience="gatehouse", jwks_uri="https://b2b/keys"),
)
ENVIRONMENT = {"GATEHOUSE_ZONE": "eu", ISSUERS_VARIABLE: Issuers.dump_json(COMPANY).decode()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "identity"


@pytest.fixture
def server(folder: Path) -> Iterator[IdentityServer]:
    server = IdentityServer(folder)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def fresh_trust() -> None:
    """What is trusted is read once by a function, and anew by each test."""
    tokens.trust.cache_clear()


def team_of(token: str, issuer: Issuer) -> object:
    claims, _ = TokenVerifier((issuer,)).verify(token)
    return claims["tid"]


def test_the_local_issuers_stand_where_the_companys_stood(server: IdentityServer) -> None:
    local = Issuers.validate_json(server.take_over(ENVIRONMENT)[ISSUERS_VARIABLE])
    assert [issuer.issuer for issuer in local] == [f"{server.url}/0", f"{server.url}/1"]
    assert [issuer.team_claim for issuer in local] == ["tid", "team"]
    assert [issuer.audience for issuer in local] == [("gatehouse",)] * 2
    assert [issuer.jwks_uri for issuer in local] == [None] * 2


def test_other_functions_keep_their_environment(server: IdentityServer) -> None:
    assert server.take_over({"GATEHOUSE_ZONE": "eu"}) == {"GATEHOUSE_ZONE": "eu"}


def test_a_token_is_verified_with_keys_fetched_over_https(
    server: IdentityServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    issuer = Issuers.validate_json(server.take_over(ENVIRONMENT)[ISSUERS_VARIABLE])[0]
    token = Minter.load(folder).mint("retail", ["a"])
    assert team_of(token, issuer) == "retail"


def test_nobody_else_trusts_the_server(server: IdentityServer, folder: Path) -> None:
    issuer = Issuers.validate_json(server.take_over(ENVIRONMENT)[ISSUERS_VARIABLE])[0]
    token = Minter.load(folder).mint("retail", ["a"])
    with pytest.raises(StoreUnavailable, match="keys cannot be had"):
        team_of(token, issuer)


def test_tokens_live_over_a_restart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = IdentityServer(folder)
    url, _ = first.url, first.take_over(ENVIRONMENT)
    token = Minter.load(folder).mint("retail", ["a"])
    first.stop()
    second = IdentityServer(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(second.authority))
    issuer = Issuers.validate_json(second.take_over(ENVIRONMENT)[ISSUERS_VARIABLE])[0]
    assert second.url == url
    assert team_of(token, issuer) == "retail"
    second.stop()


def test_a_port_that_was_taken_meanwhile_is_given_up(folder: Path) -> None:
    first = IdentityServer(folder)
    second = IdentityServer(folder)
    assert second.url != first.url
    for server in (first, second):
        server.stop()


def test_discovery_leads_to_the_keys(server: IdentityServer) -> None:
    server.take_over(ENVIRONMENT)
    with httpx.Client(verify=ssl.create_default_context(cafile=server.authority)) as client:
        document = client.get(f"{server.url}/1/.well-known/openid-configuration").json()
        assert document["issuer"] == f"{server.url}/1"
        assert client.get(document["jwks_uri"]).json()["keys"][0]["kty"] == "RSA"
        assert client.get(f"{server.url}/2/.well-known/openid-configuration").status_code == 404
