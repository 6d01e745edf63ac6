"""The worked configurations of docs/identity.md, each with a token of its provider's shape."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.tokens import TokenVerifier
from functions.domain.claims import team_of
from functions.domain.errors import Unauthenticated
from functions.domain.issuer import Issuer, find
from functions.domain.names import JsonObject
from functions.entrypoints import authorizer
from tests.unit.identity.forge import NOW, Forge, dumps, ec_key, without_none
from tests.unit.identity.requests import effect, event, install

PAGE = (Path(__file__).parents[3] / "docs" / "identity.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^### ([^\n]+)\n.*?```toml\n(.*?)```", re.DOTALL | re.MULTILINE)
TIMES = {"iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 3590}
TENANT = "11112222-3333-4444-5555-666677778888"
HEADERS: dict[str, JsonObject] = {
    "Okta": {"alg": "RS256", "kid": "main"},
    "Entra ID": {"typ": "JWT", "alg": "RS256", "kid": "main", "x5t": "main"},
    "Cognito": {"kid": "main", "alg": "RS256"},
    "Keycloak": {"alg": "RS256", "typ": "JWT", "kid": "main"},
    "Any other": {"alg": "ES256", "typ": "at+jwt", "kid": "ec"},
}
CLAIMS: dict[str, JsonObject] = {
    "Okta": {
        "ver": 1,
        "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
        "iss": "https://acme.okta.com/oauth2/aus1a2b3c4d5e6f7g8h9",
        "aud": "api://agent-gatehouse",
        "cid": "0oa1portal",
        "uid": "00u1",
        "scp": ["openid", "gatehouse.publish"],
        "auth_time": NOW - 60,
        "sub": "ada@acme.example",
        "groups": ["Everyone", "Support Agents"],
        "team": "helpdesk",
    },
    "Entra ID": {
        "aud": "aaaabbbb-0000-1111-2222-ccccddddeeee",
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "aio": "AXQAi",
        "azp": "c0ffee00-0000-4000-8000-000000000001",
        "azpacr": "1",
        "groups": ["9b1c0000-0000-4000-8000-00000000000a", "9b1c0000-0000-4000-8000-00000000000b"],
        "name": "Ada",
        "oid": "0d000000-0000-4000-8000-000000000001",
        "preferred_username": "ada@acme.example",
        "rh": "0.AX",
        "roles": ["Tickets.Summarise"],
        "scp": "access_as_user",
        "sub": "pairwise",
        "tid": TENANT,
        "uti": "x",
        "ver": "2.0",
    },
    "Cognito": {
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "cognito:groups": ["support", "eu-central-1_AbCdEf123_Google"],
        "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123",
        "version": 2,
        "client_id": "1example23456789portal",
        "origin_jti": "o",
        "token_use": "access",
        "scope": "openid gatehouse/reviews",
        "auth_time": NOW - 60,
        "jti": "j",
        "username": "ada",
        "nbf": None,
    },
    "Keycloak": {
        "jti": "onrtac:1",
        "iss": "https://sso.acme.example/realms/acme",
        "aud": ["agent-gatehouse", "account"],
        "sub": "f:1:ada",
        "typ": "Bearer",
        "azp": "helpdesk-portal",
        "nonce": "n",
        "sid": "s",
        "acr": "1",
        "allowed-origins": ["https://portal.acme.example"],
        "realm_access": {"roles": ["offline_access", "events:publish"]},
        "resource_access": {
            "agent-gatehouse": {"roles": ["tickets:summarise"]},
            "account": {"roles": ["manage-account"]},
        },
        "scope": "openid profile",
        "team": "helpdesk",
        "nbf": None,
    },
    "Any other": {
        "iss": "https://id.acme.example",
        "aud": ["urn:agent-gatehouse"],
        "sub": "client-1",
        "client_id": "client-1",
        "jti": "j",
        "scope": "events:publish kyc:screen",
        "https://acme.example/team": "kyc-operations",
        "https://acme.example/zone": "eu",
    },
}
CALLERS = {
    "Okta": ("ada@acme.example", "helpdesk", "events:publish tickets:summarise"),
    "Entra ID": (CLAIMS["Entra ID"]["oid"], "helpdesk", "kyc:screen tickets:summarise"),
    "Cognito": (
        CLAIMS["Cognito"]["sub"],
        "helpdesk",
        "events:publish reviews:analyse tickets:summarise",
    ),
    "Keycloak": ("f:1:ada", "helpdesk", "events:publish offline_access tickets:summarise"),
    "Any other": ("client-1", "kyc-operations", "events:publish kyc:screen"),
}
WRONG: dict[str, list[JsonObject]] = {
    "Okta": [{"cid": "0oa9other"}, {"cid": None}, {"aud": "api://default"}],
    "Entra ID": [
        {"tid": "other"},
        {"ver": "1.0"},
        {"azp": CLAIMS["Entra ID"]["aud"]},
        {"nonce": "n"},
    ],
    "Cognito": [
        {"token_use": "id", "aud": "1example23456789portal", "client_id": None},
        {"token_use": "id"},
        {"client_id": "3example23456789other"},
        {"client_id": ["1example23456789portal"]},
        {"aud": "1example23456789portal", "client_id": None},
        {"token_use": None},
    ],
    "Keycloak": [{"typ": "ID"}, {"typ": None}, {"azp": "agent-gatehouse"}, {"aud": "account"}],
    "Any other": [{"exp": NOW + 3600}, {"https://acme.example/zone": "EU"}],
}


def configured() -> dict[str, Issuer]:
    found = {}
    for name, text in BLOCK.findall(PAGE):
        (issuer,) = tomllib.loads(text)["zones"]["eu"]["issuers"]
        found[name] = Issuer.model_validate(issuer)
    return found


def answer(name: str, **changes: Any) -> dict[str, Any]:
    forge = Forge()
    verifier = TokenVerifier((configured()[name],), lambda _: lambda: forge.keys, lambda: NOW)
    header = HEADERS[name]
    key = ec_key() if header["alg"] == "ES256" else None
    claims = without_none({**TIMES, **CLAIMS[name], **changes})
    token = forge.sign(dumps(header), dumps(claims), key, header["alg"])
    with pytest.MonkeyPatch.context() as patch:
        install(verifier, patch)
        return authorizer.handler(event(f"Bearer {token}"), None)


def test_every_provider_of_the_page_is_tried() -> None:
    assert configured().keys() == CLAIMS.keys() == CALLERS.keys() == WRONG.keys()


@pytest.mark.parametrize("name", CLAIMS)
def test_its_token_is_its_caller(name: str) -> None:
    said = answer(name)
    assert effect(said) == "Allow", said["context"]
    subject, team, roles = CALLERS[name]
    assert said["context"] == {
        "subject": subject,
        "team": team,
        "zone": "eu",
        "roles": roles,
        "issuer": CLAIMS[name]["iss"],
    }


@pytest.mark.parametrize(
    ("name", "changes"), [(name, changes) for name, several in WRONG.items() for changes in several]
)
def test_what_is_no_token_for_us_there_is_refused(name: str, changes: JsonObject) -> None:
    said = answer(name, **changes)
    assert effect(said) == "Deny"


def test_a_group_that_is_not_mapped_counts_for_nothing() -> None:
    """Whoever may name groups at the provider could name one like a role."""
    said = answer("Okta", groups=["kyc:screen"], scp=["kyc:screen"])
    assert said["context"]["roles"] == ""


def test_a_list_that_the_provider_left_out_is_told() -> None:
    elsewhere = {"_claim_names": {"groups": "src1"}, "groups": None}
    said = answer("Entra ID", **elsewhere)
    assert "leaves out its claim 'groups'" in said["context"]["detail"]


def test_a_team_may_be_among_groups_if_only_one_is() -> None:
    names = {"grp-helpdesk": "helpdesk", "grp-retail": "retail"}
    issuer = Issuer.model_validate(
        {**configured()["Okta"].model_dump(), "team_claim": "groups", "team_names": names}
    )
    assert team_of({"groups": ["Everyone", "grp-helpdesk"]}, issuer) == "helpdesk"
    for groups in ([], ["Everyone"], ["grp-helpdesk", "grp-retail"]):
        with pytest.raises(Unauthenticated, match="one team"):
            team_of({"groups": groups}, issuer)


@pytest.mark.parametrize(
    ("claims", "path", "found"),
    [
        ({"a.b": 1, "a": {"b": 2}}, "a.b", 1),
        ({"a": {"b": 2}}, "a.b", 2),
        ({"a": {"b.c": {"d": 3}}}, "a.b.c.d", 3),
        ({"https://x.example/y": 4}, "https://x.example/y", 4),
        ({"a": [{"b": 5}]}, "a.b", None),
        ({"a": "b"}, "a.b", None),
        ({}, "a.b.c", None),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_way(claims: JsonObject, path: str, found: Any) -> None:
    assert find(claims, path) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://login.example.com"},
        {"issuer": "https://login.example.com/?tenant=a"},
        {"issuer": "https://user@login.example.com/"},
        {"audience": []},
        {"audience": ""},
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"algorithms": []},
        {"jwks_uri": "http://login.example.com/keys"},
        {"header_typ": "JWT"},
        {"team_claim": 'a"b'},
        {"role_names": {"Group": ["Not A Role"]}},
        {"team_names": {"x": "Not A Team"}},
        {"max_lifetime_seconds": 0},
        {"id_token_signs": ["exp"]},
        {"typo": 1},
    ],
)
def test_a_configuration_that_would_weaken_or_cannot_be_is_refused(wrong: JsonObject) -> None:
    good = {"issuer": "https://login.example.com/", "audience": "a"}
    Issuer.model_validate(good)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Issuer.model_validate({**good, **wrong})
