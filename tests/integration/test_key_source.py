"""Keys over real TLS: what is believed, and what an issuer cannot make us do."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.adapters.key_source import HttpsKeys, KeysUnavailable
from functions.domain.issuer import Issuer
from tests.integration.issuer_server import (
    DISCOVERY,
    KEYS,
    IssuerServer,
    Page,
    issuer_server,
    page,
)

KEY = {"kty": "RSA", "kid": "main"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("issuer")


@pytest.fixture
def server(folder: Path) -> Iterator[IssuerServer]:
    with issuer_server(folder) as server:
        server.publish([KEY])
        yield server


def keys_of(server: IssuerServer, patience_seconds: float = 3, **more: str) -> HttpsKeys:
    issuer = Issuer.model_validate({"issuer": server.url, "audience": "a", **more})
    return HttpsKeys(issuer, server.trust, patience_seconds)


def test_keys_are_found_by_discovery_once(server: IssuerServer) -> None:
    keys = keys_of(server)
    assert [keys(), keys()] == [[KEY], [KEY]]
    assert server.asked == [DISCOVERY, KEYS, KEYS]


def test_a_configured_place_is_not_looked_for(server: IssuerServer) -> None:
    assert keys_of(server, jwks_uri=f"{server.url}{KEYS}")() == [KEY]
    assert server.asked == [KEYS]


def test_keys_that_moved_are_found_at_the_second_attempt(server: IssuerServer) -> None:
    keys = keys_of(server)
    keys()
    server.pages["/moved"] = server.pages.pop(KEYS)
    server.pages[DISCOVERY] = page({"issuer": server.url, "jwks_uri": f"{server.url}/moved"})
    with pytest.raises(KeysUnavailable):
        keys()
    assert keys() == [KEY]


@pytest.mark.parametrize(
    "broken",
    [
        page({"keys": [KEY]}, status=500),
        page({"keys": [KEY]}, status=302, headers={"Location": "/elsewhere"}),
        page({"keys": []}),
        page({"keys": {}}),
        page({"keys": ["main"]}),
        page([KEY]),
        page({}),
        Page(b""),
        Page(b"<html>"),
        Page(b'{"keys": [{"kid": "a", "kid": "b"}]}'),
        Page(b'{"keys": [' + b"[" * 100_000),
        Page(b'{"keys": ["\xff"]}'),
        Page(b'{"keys": ["' + b"x" * 300_000 + b'"]}'),
    ],
)
def test_what_is_no_key_set_is_an_outage(broken: Page, server: IssuerServer) -> None:
    server.pages[KEYS] = server.pages["/elsewhere"] = broken
    with pytest.raises(KeysUnavailable, match="127"):
        keys_of(server)()
    assert "/elsewhere" not in server.asked


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example", "jwks_uri": "@/keys"},
        {"issuer": "@"},
        {"issuer": "@", "jwks_uri": "http://127.0.0.1/keys"},
        {"issuer": "@", "jwks_uri": "file:///etc/passwd"},
        {"issuer": "@", "jwks_uri": ["@/keys"]},
        {"issuer": "@/", "jwks_uri": "@/keys"},
    ],
)
def test_a_discovery_document_must_be_the_issuers_and_lead_to_https(
    document: dict[str, object], server: IssuerServer
) -> None:
    filled = {
        name: value.replace("@", server.url) if isinstance(value, str) else value
        for name, value in document.items()
    }
    server.pages[DISCOVERY] = page(filled)
    with pytest.raises(KeysUnavailable):
        keys_of(server)()
    assert server.asked == [DISCOVERY]


def test_an_issuer_that_drips_is_not_waited_for(server: IssuerServer) -> None:
    """Each byte comes in time, and all of them would take minutes."""
    server.pages[KEYS] = page({"keys": [{**KEY, "n": "x" * 5000}]}, drips=True)
    with pytest.raises(KeysUnavailable, match="TimeoutError"):
        keys_of(server, patience_seconds=0.3)()


def test_a_server_with_a_certificate_that_nobody_knows_is_not_believed(
    server: IssuerServer,
) -> None:
    issuer = Issuer(issuer=server.url, audience="a")
    with pytest.raises(KeysUnavailable, match="SSLCertVerificationError"):
        HttpsKeys(issuer, ssl.create_default_context())()


def test_a_name_that_leads_nowhere_is_an_outage() -> None:
    issuer = Issuer(issuer="https://login.invalid", audience="a")
    with pytest.raises(KeysUnavailable, match=r"login\.invalid: gaierror"):
        HttpsKeys(issuer, ssl.create_default_context())()
