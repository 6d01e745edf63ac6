"""Decides who may call: verifies the token and tells API Gateway which team is calling.

A refused token is answered with a *Deny* that carries the reason. API Gateway's own "Unauthorized"
could say nothing but that word, and its access-denied response is ours to word.
"""

from functools import cache
from typing import Any

from pydantic import ValidationError
from snapshot_restore_py import register_before_snapshot

from functions import config
from functions.adapters.tokens import TokenVerifier
from functions.domain.errors import Unauthenticated
from functions.domain.team import Caller, Team
from functions.domain.zone import Issuer
from functions.settings import AuthorizerSettings

SCHEME = "bearer "


@cache
def settings() -> AuthorizerSettings:
    return AuthorizerSettings.from_env()


@cache
def verifier() -> TokenVerifier:
    return TokenVerifier(settings().issuers)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(verifier)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An API Gateway REQUEST authorizer's answer: policy, context and the team's usage key."""
    arn = _every_route(event["methodArn"])
    try:
        caller, team = authenticate(_token(event))
    except Unauthenticated as refused:
        return _policy("Deny", arn, "unauthenticated") | {"context": {"detail": refused.detail}}
    return _policy("Allow", arn, caller.subject) | {
        "context": caller.to_context(),
        "usageIdentifierKey": team.gateway_key_in(settings().zone),
    }


def authenticate(token: str) -> tuple[Caller, Team]:
    """Who calls, and for which team.

    Raises:
        Unauthenticated: the token is not accepted, or names no team that is known here.
    """
    claims, issuer = verifier().verify(token)
    team = config.teams().get(str(claims[issuer.team_claim]))
    if team is None:
        msg = f"The token's claim '{issuer.team_claim}' names no team that is registered here."
        raise Unauthenticated(msg)
    try:
        return Caller(
            subject=claims["sub"],
            team=team.name,
            zone=claims.get(issuer.zone_claim, team.zone) if issuer.zone_claim else team.zone,
            roles=_roles(claims, issuer),
        ), team
    except ValidationError as error:
        wrong = ", ".join(sorted({str(entry["loc"][0]) for entry in error.errors()}))
        msg = f"The token's claims cannot be used: {wrong}."
        raise Unauthenticated(msg) from None


def _roles(claims: Any, issuer: Issuer) -> frozenset[str]:
    """A list of names, or one string of names between spaces, as OAuth writes scopes."""
    found = claims.get(issuer.roles_claim, [])
    names = found.split() if isinstance(found, str) else found
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        msg = f"The token's claim '{issuer.roles_claim}' must be a list of names."
        raise Unauthenticated(msg)
    return frozenset(name for name in names if name and " " not in name)


def _token(event: dict[str, Any]) -> str:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    value = headers.get("authorization", "")
    if not value.lower().startswith(SCHEME):
        msg = "Send the header 'Authorization: Bearer <access token>'."
        raise Unauthenticated(msg)
    return str(value[len(SCHEME) :].strip())


def _every_route(method_arn: str) -> str:
    """The stage's every route: the answer is cached for the token, not for one route."""
    api, stage, *_ = method_arn.split("/")
    return f"{api}/{stage}/*"


def _policy(effect: str, arn: str, principal: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": [arn]}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
