"""Every attack is refused by the authorizer, and it says why without saying what was sent."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from functions.adapters.tokens import TokenVerifier
from functions.domain.errors import Unauthenticated
from functions.domain.issuer import Issuer
from functions.domain.names import JsonObject
from functions.entrypoints import authorizer
from functions.entrypoints.authorizer import Unauthorized
from tests.unit.identity.attacks import ATTACKS, TOKENS
from tests.unit.identity.forge import ISSUER, NOW, Forge, ec_key, ed_key, rsa_key
from tests.unit.identity.requests import effect, event

pytestmark = pytest.mark.usefixtures("_installed")


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_refused_with_a_reason(
    name: str, forge: Forge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = ATTACKS[name](forge)
    answer = authorizer.handler(event(sent), None)
    assert effect(answer) == "Deny"
    detail = answer["context"]["detail"]
    assert detail.endswith(".")
    # It stands in a template of JSON that the gateway fills in as it is.
    assert detail.isprintable()
    assert not {'"', "\\"} & set(detail)
    told = repr(answer) + caplog.text
    assert [part for part in sent.split(".") if len(part) > 15 and part in told] == []
    assert "usageIdentifierKey" not in answer


@pytest.mark.parametrize(
    ("key", "header", "alg"),
    [(rsa_key(), "main", "RS256"), (ec_key(), "ec", "ES256"), (ed_key(), "ed", "EdDSA")],
)
def test_a_good_token_is_accepted(key: Any, header: str, alg: str, forge: Forge) -> None:
    token = forge.token(key, {"kid": header}, alg)
    answer = authorizer.handler(event(f"Bearer {token}"), None)
    assert effect(answer) == "Allow"
    assert answer["context"]["team"] == "platform"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["someone-else", "agent-gatehouse"]},
        {"exp": NOW + 3600.5},
        {"exp": NOW - 59, "iat": NOW - 100},
        {"iat": NOW + 59},
        {"nbf": NOW - 5},
        {"azp": "an-application"},
        {"token_use": "access"},
        {"typ": "Bearer"},
        {"x": [[[[1]]]]},
    ],
)
def test_what_is_odd_and_good_is_accepted(claims: dict[str, Any], forge: Forge) -> None:
    answer = authorizer.handler(event(f"bearer  {forge.token(**claims)}"), None)
    assert effect(answer) == "Allow"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "jwt", None])
def test_the_type_of_an_access_token_may_be_spelled_as_the_standards_do(
    typ: str | None, forge: Forge
) -> None:
    token = forge.token(header={"typ": typ})
    assert effect(authorizer.handler(event(f"Bearer {token}"), None)) == "Allow"


def test_an_issuer_that_marks_its_access_tokens_has_no_others(forge: Forge) -> None:
    issuer = ISSUER.model_copy(update={"header_typ": "at+jwt"})
    strict = TokenVerifier((issuer,), lambda _: lambda: forge.keys, lambda: NOW)
    assert strict.verify(forge.token(header={"typ": "at+jwt"}))[1] == issuer
    for typ in ("JWT", None):
        with pytest.raises(Unauthenticated, match=r"\(typ\)"):
            strict.verify(forge.token(header={"typ": typ}))


@pytest.mark.parametrize(
    ("path", "values", "claims"),
    [
        ("tid", ("a",), {"tid": "b"}),
        ("tid", ("a",), {}),
        ("tid", ("a",), {"tid": ["a"]}),
        ("act", (), {}),
        ("realm.kind", ("a",), {"realm": {"kind": "b"}}),
    ],
)
def test_a_claim_that_is_demanded_must_be_there(
    path: str, values: tuple[str, ...], claims: dict[str, Any], forge: Forge
) -> None:
    issuer = Issuer.model_validate({**ISSUER.model_dump(), "required_claims": {path: values}})
    strict = TokenVerifier((issuer,), lambda _: lambda: forge.keys, lambda: NOW)
    with pytest.raises(Unauthenticated, match=path):
        strict.verify(forge.token(**claims))


@pytest.mark.parametrize(
    "where",
    [
        {"queryStringParameters": {"access_token": "@", "Authorization": "Bearer @"}},
        {"more": {"Cookie": ["access_token=@; Authorization=Bearer @"]}},
        {"more": {"X-Authorization": ["Bearer @"], "Proxy-Authorization": ["Bearer @"]}},
        {"body": '{"access_token": "@"}'},
        {"pathParameters": {"proxy": "@"}},
    ],
    ids=["query", "cookie", "another header", "body", "path"],
)
def test_a_token_counts_in_its_header_only(where: dict[str, Any], forge: Forge) -> None:
    def filled(value: Any) -> Any:
        match value:
            case dict():
                return {name: filled(inner) for name, inner in value.items()}
            case list():
                return [filled(inner) for inner in value]
        return value.replace("@", forge.token())

    assert effect(authorizer.handler(event(**filled(where)), None)) == "Deny"


@pytest.mark.parametrize(
    "more",
    [
        {"authorization": ["Bearer x"]},
        {"AUTHORIZATION": ["Bearer x", "Bearer y"]},
    ],
)
def test_several_headers_are_refused_without_a_word_about_either_token(
    more: dict[str, list[str]], forge: Forge
) -> None:
    """A *Deny* would be remembered for one of the two, and might hit its rightful owner."""
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        authorizer.handler(event(f"Bearer {forge.token()}", more=more), None)


def test_one_header_with_two_values_is_refused_too(forge: Forge) -> None:
    twice = {"Authorization": [f"Bearer {forge.token()}"] * 2}
    with pytest.raises(Unauthorized):
        authorizer.handler(event(more=twice), None)


def test_only_the_signature_group_ever_needs_the_issuers_keys(forge: Forge) -> None:
    """A token that can be refused without a key costs its provider no request."""
    asked: list[Issuer] = []

    def source(issuer: Issuer) -> Callable[[], Sequence[JsonObject]]:
        def fetch() -> Sequence[JsonObject]:
            asked.append(issuer)
            return forge.keys

        return fetch

    counting = TokenVerifier((ISSUER,), source, lambda: NOW)
    free = [name for name in TOKENS if name.split(":")[0] in ("times", "for whom", "kind")]
    for name in free:
        with pytest.raises(Unauthenticated):
            counting.verify(TOKENS[name](forge))
    assert asked == []
