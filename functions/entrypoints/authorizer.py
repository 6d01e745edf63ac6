"""Decides who may call: verifies the token and tells API Gateway which team is calling.

A refused token is answered with a *Deny* that carries the reason. API Gateway's own "Unauthorized"
could say nothing but that word, and its access-denied response is ours to word.
"""

import re
from functools import cache
from typing import Any

from pydantic import ValidationError
from snapshot_restore_py import register_before_snapshot

from functions import config
from functions.adapters.jwks import KeyNotKnownYet
from functions.adapters.tokens import TokenVerifier
from functions.bootstrap.tracing import flushed, provider
from functions.domain.claims import roles_of, subject_of, team_of, zone_of
from functions.domain.errors import StoreUnavailable, Unauthenticated
from functions.domain.team import Caller, Team
from functions.entrypoints.spans import request_trace
from functions.settings import AuthorizerSettings

CREDENTIAL = re.compile(r"bearer +(.+)", re.IGNORECASE | re.DOTALL)


class Unauthorized(Exception):
    """Makes API Gateway answer 401 without remembering it for the token: its word for that."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@cache
def settings() -> AuthorizerSettings:
    return AuthorizerSettings.from_env()


@cache
def verifier() -> TokenVerifier:
    return TokenVerifier(settings().issuers)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(verifier)


@flushed
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An API Gateway REQUEST authorizer's answer: policy, context and the team's usage key.

    Raises:
        Unauthorized: refused for what is not the token's fault, or may not be in a moment.
        StoreUnavailable: the identity provider cannot be asked.
    """
    with provider().span("authorize", request_trace(event), kind="server") as span:
        decision = _decided(event)
        if decision["principalId"] == Unauthenticated.slug:
            span.fail(Unauthenticated.slug)
        return decision


def _decided(event: dict[str, Any]) -> dict[str, Any]:
    arn = _every_route(event["methodArn"])
    credential = _credential(event)
    try:
        caller, team = authenticate(_token(credential))
    except KeyNotKnownYet:
        raise Unauthorized from None
    except StoreUnavailable:
        from functions.adapters.counters import count_keys_unavailable  # needed on a bad day only

        count_keys_unavailable()
        raise
    except Unauthenticated as refused:
        return _policy("Deny", arn, refused.slug) | {"context": {"detail": refused.detail}}
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
    team = config.teams().get(team_of(claims, issuer))
    if team is None:
        msg = f"The token's claim '{issuer.team_claim}' must name one team that is registered here."
        raise Unauthenticated(msg)
    try:
        return Caller(
            subject=subject_of(claims, issuer),
            team=team.name,
            zone=zone_of(claims, issuer) or team.zone,
            roles=roles_of(claims, issuer),
            issuer=issuer.issuer,
        ), team
    except ValidationError as error:
        wrong = ", ".join(sorted({str(entry["loc"][0]) for entry in error.errors()}))
        msg = f"The token's claims cannot be used: {wrong}."
        raise Unauthenticated(msg) from None


def _credential(event: dict[str, Any]) -> str:
    """The value of the header, which is all that the answer may depend on.

    API Gateway remembers the answer under that value. What else a request holds, such as a token in
    its query, must not decide what the next request with the same token is told.

    Raises:
        Unauthorized: there are several; which of them the answer would be kept for is not known.
    """
    headers, multiple = event.get("headers") or {}, event.get("multiValueHeaders") or {}
    single = [value for name, value in headers.items() if name.lower() == "authorization"]
    every = [
        v for name, values in multiple.items() if name.lower() == "authorization" for v in values
    ]
    if max(len(single), len(every)) > 1:
        raise Unauthorized
    return str((single or every or [""])[0])


def _token(credential: str) -> str:
    found = CREDENTIAL.fullmatch(credential)
    if not found:
        msg = "Send the header 'Authorization: Bearer <access token>'."
        raise Unauthenticated(msg)
    return found[1]


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
