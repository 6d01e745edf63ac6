"""The authorizer as it is deployed: its bundle and layers in their own process, over real TLS."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.settings import AuthorizerSettings
from infra.bundle import bundle
from infra.layers import layer
from local import layers
from local.functions import Catalogue, Function
from local.invocation import Invocation, Reply
from local.logs import Logs
from local.sandbox import Host
from local.workers import Workers
from tests.integration.issuer_server import DISCOVERY, KEYS, IssuerServer, Page, issuer_server
from tests.integration.local_functions import ARN, REGION
from tests.unit.identity.attacks import ATTACKS
from tests.unit.identity.forge import ISSUER, Forge, b64, dumps, jwk, published, rsa_key
from tests.unit.identity.requests import effect, event


@dataclass
class Bundled:
    """The function, the issuer whose tokens it accepts, and its log."""

    workers: Workers
    server: IssuerServer
    log: Path

    @property
    def forge(self) -> Forge:
        issuer = ISSUER.model_copy(update={"issuer": self.server.url})
        return Forge(issuer, int(time.time()), published())

    def ask(self, credential: str, **more: Any) -> Reply:
        payload = json.dumps(event(credential, **more)).encode()
        return self.workers.invoke(Invocation(payload, ARN))

    def outcome(self, credential: str, **more: Any) -> str:
        """``Allow`` or ``Deny``, or what API Gateway is told instead."""
        reply = self.ask(credential, **more)
        said = reply.json()
        return str(said["errorMessage"]) if reply.failed else effect(said)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle("authorizer", (), tmp_path_factory.mktemp("authorizer") / "bundle")


@pytest.fixture
def bundled(code: Path, tmp_path: Path) -> Iterator[Bundled]:
    """The authorizer, cold, with an issuer of its own."""
    with issuer_server(tmp_path / "issuer") as server:
        server.publish(published())
        workers = _workers(_function(code, server), tmp_path / "state")
        yield Bundled(workers, server, tmp_path / "state" / "logs")
        workers.stop()


def _function(code: Path, server: IssuerServer) -> Function:
    issuer = ISSUER.model_copy(update={"issuer": server.url}).model_dump()
    settings = AuthorizerSettings(zone="eu", region=REGION, issuers=json.dumps([issuer]))
    return Function(
        name="tiny",
        arn=ARN,
        handler="functions.entrypoints.authorizer.handler",
        runtime="python3.13",
        bundle=code,
        layers=tuple(layer(group, "host") / "python" for group in ("functions", "authorizer")),
        timeout_seconds=20,
        memory_mb=1024,
        environment={**settings.to_env(), "SSL_CERT_FILE": str(server.authority)},
        logging={},
        snap_start=True,
    )


def _workers(function: Function, state: Path) -> Workers:
    host = Host(REGION, layers.runtime(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, state / "bc")
    state.mkdir()
    (state / "manifest.json").touch()
    logs = Logs(state / "logs")
    catalogue = Catalogue(state / "manifest.json", lambda: [function], logs.writer("tiny"))
    return Workers(catalogue, host, logs)


def test_every_attack_is_refused_and_nothing_of_it_is_logged(bundled: Bundled) -> None:
    forge = bundled.forge
    good = f"Bearer {forge.token()}"
    assert bundled.outcome(good) == "Allow"
    sent = {name: attack(forge) for name, attack in ATTACKS.items()}
    outcomes = {name: bundled.outcome(credential) for name, credential in sent.items()}
    assert {name: said for name, said in outcomes.items() if said != "Deny"} == {}
    for more in ({"authorization": ["Bearer x"]}, {"AUTHORIZATION": [good]}):
        assert bundled.outcome(good, more=more) == "Unauthorized"
    assert bundled.outcome(good) == "Allow"
    bundled.workers.stop()
    log = "".join(path.read_text() for path in bundled.log.iterdir())
    assert "END RequestId" in log
    parts = {p for credential in (good, *sent.values()) for p in credential.split(".") if p[20:]}
    assert [part for part in parts if part in log] == []


def test_it_survives_its_issuer_for_keys_that_it_knows(bundled: Bundled) -> None:
    forge, server = bundled.forge, bundled.server
    good, new = (f"Bearer {forge.token(header={'kid': kid})}" for kid in ("main", "new"))
    assert bundled.outcome(good) == "Allow"
    server.pages.update({KEYS: Page(b"", 503), DISCOVERY: Page(b"", 503)})
    reply = bundled.ask(new)
    assert reply.json()["errorType"] == "StoreUnavailable", "nobody can say whether there is one"
    assert bundled.outcome(good) == "Allow"


def test_a_rotation_is_followed_at_once_and_a_flood_of_invented_keys_is_not(
    bundled: Bundled,
) -> None:
    forge, server = bundled.forge, bundled.server
    old = f"Bearer {forge.token()}"
    new = f"Bearer {forge.token(rsa_key('next'), {'kid': 'next'})}"
    assert bundled.outcome(old) == "Allow"
    server.publish([jwk(rsa_key("next"), "next")])
    assert [bundled.outcome(credential) for credential in (new, old)] == ["Allow", "Deny"]
    before, signed = len(server.asked), forge.token().split(".", 1)[1]
    for number in range(200):
        header = b64(dumps(forge.header(kid=f"invented-{number}")))
        assert bundled.outcome(f"Bearer {header}.{signed}") == "Unauthorized"
    assert len(server.asked) == before
    assert bundled.outcome(new) == "Allow"
