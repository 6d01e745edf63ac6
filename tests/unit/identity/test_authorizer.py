"""The authorizer's answers, and that no input makes it fail in any other way."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.adapters.key_source import KeysUnavailable
from functions.adapters.tokens import TokenVerifier
from functions.domain.errors import StoreUnavailable
from functions.entrypoints import authorizer
from functions.entrypoints.authorizer import Unauthorized
from functions.settings import AuthorizerSettings
from tests.unit.identity.forge import ISSUER, NOW, Forge, dumps
from tests.unit.identity.requests import effect, event, install

pytestmark = pytest.mark.usefixtures("_installed")
FORGE = Forge()
TOKEN = FORGE.token()
PROPERTY = settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NAMES = st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "team", "roles", "typ", "azp"])
MEMBERS = st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def answer(credential: str) -> str:
    return effect(authorizer.handler(event(credential), None))


def test_a_callers_team_roles_and_key_are_told() -> None:
    said = authorizer.handler(event(f"Bearer {FORGE.token(roles=['b', 'a'])}"), None)
    assert said["context"] == {
        "subject": "ada",
        "team": "platform",
        "zone": "eu",
        "roles": "a b",
        "issuer": ISSUER.issuer,
    }
    assert said["usageIdentifierKey"] == "gatehouse-team-key-eu-platform"
    assert said["principalId"] == "ada"
    (statement,) = said["policyDocument"]["Statement"]
    assert statement["Resource"] == ["arn:aws:execute-api:eu-central-1:111122223333:abc123/live/*"]


def test_one_role_never_becomes_two() -> None:
    """Roles travel as one text with spaces, and a provider's group may be called anything."""
    odd = ["x\tkyc:screen", "x\nkyc:screen", "x\u2003kyc:screen", "x kyc:screen", "", "good"]
    said = authorizer.handler(event(f"Bearer {FORGE.token(roles=odd)}"), None)
    assert said["context"]["roles"] == "good"


def test_without_the_issuers_keys_nobody_is_refused_for_good(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An error is not remembered by API Gateway, as a *Deny* would be; an alarm hears of it."""

    def away() -> Any:
        raise KeysUnavailable

    verifier = TokenVerifier((ISSUER,), lambda _: away, lambda: NOW)
    with pytest.MonkeyPatch.context() as patch:
        install(verifier, patch)
        with pytest.raises(StoreUnavailable, match="try again"):
            authorizer.handler(event(f"Bearer {TOKEN}"), None)
    assert json.loads(capsys.readouterr().out)["IssuerKeysUnavailable"] == [1]


def test_a_key_that_may_have_been_published_since_is_refused_for_this_time_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = (FORGE.token(header={"kid": f"new-{number}"}) for number in range(2))
    assert answer(f"Bearer {first}") == "Deny"
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        authorizer.handler(event(f"Bearer {second}"), None)
    assert not capsys.readouterr().out, "or whoever invents keys could wake somebody"


def test_an_issuer_is_configured_once() -> None:
    issuers = [ISSUER.model_dump(), ISSUER.model_dump()]
    with pytest.raises(ValueError, match=r"named twice: https://login\.example\.com/"):
        AuthorizerSettings(zone="eu", region="eu-central-1", issuers=json.dumps(issuers))


def test_more_groups_than_the_environment_holds_are_refused_at_synth() -> None:
    names = {f"{number:036}": ["tickets:summarise"] for number in range(80)}
    issuers = [{**ISSUER.model_dump(), "role_names": names}]
    with pytest.raises(ValueError, match="send role names"):
        AuthorizerSettings(zone="eu", region="eu-central-1", issuers=json.dumps(issuers))


@PROPERTY
@given(at=st.integers(0, len(TOKEN) - 1), byte=st.integers(0, 255))
def test_a_good_token_with_another_byte_is_refused(at: int, byte: int) -> None:
    changed = TOKEN[:at] + chr(byte) + TOKEN[at + 1 :]
    assert answer(f"Bearer {changed}") == ("Allow" if changed == TOKEN else "Deny")


@PROPERTY
@given(at=st.integers(0, len(TOKEN)), more=st.text(min_size=1, max_size=3))
def test_a_good_token_with_more_in_it_is_refused(at: int, more: str) -> None:
    changed = TOKEN[:at] + more + TOKEN[at:]
    expected = {"Deny", "Allow"} if at == 0 and not more.strip(" ") else {"Deny"}
    assert answer(f"Bearer {changed}") in expected


@PROPERTY
@given(start=st.integers(0, len(TOKEN) - 1), length=st.integers(1, len(TOKEN)))
def test_a_good_token_with_less_in_it_is_refused(start: int, length: int) -> None:
    assert answer(f"Bearer {TOKEN[:start]}{TOKEN[start + length :]}") == "Deny"


@PROPERTY
@given(credential=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_gets_in_or_makes_it_fail(credential: str) -> None:
    for sent in (credential, f"Bearer {credential}"):
        assert answer(sent) == "Deny"


@settings(PROPERTY, max_examples=100)
@given(claims=st.dictionaries(NAMES, JSON), header=st.dictionaries(MEMBERS, JSON))
def test_no_signed_content_makes_it_fail(claims: dict[str, Any], header: dict[str, Any]) -> None:
    token = FORGE.sign(dumps({**FORGE.header(), **header}), dumps({**FORGE.claims(), **claims}))
    try:
        assert answer(f"Bearer {token}") in {"Allow", "Deny"}
    except Unauthorized:
        assert header.get("kid") not in {None, "main"}


@PROPERTY
@given(header=st.binary(max_size=60), claims=st.binary(max_size=200))
def test_no_signed_bytes_make_it_fail(header: bytes, claims: bytes) -> None:
    assert answer(f"Bearer {FORGE.sign(header, claims)}") == "Deny"
    assert answer(f"Bearer {FORGE.claimed(claims)}") == "Deny"
