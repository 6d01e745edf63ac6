"""The authorizer with an issuer in memory: everything but the network is what is deployed."""

import pytest

from functions.adapters.tokens import TokenVerifier
from tests.unit.identity.forge import ISSUER, NOW, Forge
from tests.unit.identity.requests import install


@pytest.fixture(autouse=True)
def _placed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function knows where it is."""
    monkeypatch.setenv("GATEHOUSE_ZONE", "eu")
    monkeypatch.setenv("GATEHOUSE_REGION", "eu-central-1")


@pytest.fixture
def forge() -> Forge:
    return Forge()


@pytest.fixture
def verifier(forge: Forge) -> TokenVerifier:
    return TokenVerifier((ISSUER,), lambda _: lambda: forge.keys, lambda: NOW)


@pytest.fixture
def _installed(verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the handler."""
    install(verifier, monkeypatch)
