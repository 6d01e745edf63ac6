"""What an access token must be, besides signed: for us, from now, not for long, and no ID token.

These rules ask for no key, so they come before one is looked up: a token that can never be accepted
costs no request to its provider.
"""

import re

from functions.domain.errors import Unauthenticated
from functions.domain.issuer import Issuer, find
from functions.domain.names import JsonObject

LEEWAY_SECONDS = 60
"""How far the clocks of a provider and of Lambda may be apart."""
LATEST = 253_402_300_799
"""The end of the year 9999: a later time is a mistake or an attempt."""
TYPES = ("jwt", "at+jwt")
REFUSED_HEADERS = ("b64", "crit", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip")
"""Keys that a token brings, extensions that must be understood, and what is for other kinds."""
KEY_ID = re.compile(r"[\w.~+/=:@-]{1,200}", re.ASCII)
"""A name to compare, never a place to go to."""
OTHER_KINDS = ("ID", "Logout", "Offline", "Refresh")
"""What Keycloak writes into the claim ``typ`` of its other tokens."""


def check_header(header: JsonObject, issuer: Issuer) -> tuple[str, str]:
    """The key's id and the algorithm.

    Raises:
        Unauthenticated: the header asks for what is not done here.
    """
    for name in REFUSED_HEADERS:
        _check(name not in header, f"The token's header holds '{name}', which is not accepted.")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
        msg = "The token's algorithm is not one that its issuer uses here."
        raise Unauthenticated(msg)
    if not isinstance(key_id, str) or not _names_a_key(key_id):
        msg = "The token's header must name its key (kid), in plain characters."
        raise Unauthenticated(msg)
    _check(
        _type(header) in ((issuer.header_typ,) if issuer.header_typ else TYPES),
        "The token's header does not say (typ) that it is an access token.",
    )
    return key_id, algorithm


def check_claims(claims: JsonObject, issuer: Issuer, now: float) -> None:
    """Refuse what is not an access token of this issuer for us at this time.

    Raises:
        Unauthenticated: the detail says which claim is wrong.
    """
    audience = _audience(claims, issuer)
    _check_times(claims, issuer, now)
    for path, accepted in issuer.required_claims.items():
        found = find(claims, path)
        there = found in accepted if accepted else found is not None
        _check(there, f"The token's claim '{path}' is not what is expected of its issuer.")
    _check_kind(claims, issuer, audience)


def _names_a_key(key_id: str) -> bool:
    return bool(KEY_ID.fullmatch(key_id)) and "://" not in key_id and ".." not in key_id


def _type(header: JsonObject) -> str | None:
    """The header's ``typ`` as RFC 7515 compares it."""
    found = header.get("typ", "jwt")
    return found.lower().removeprefix("application/") if isinstance(found, str) else None


def _audience(claims: JsonObject, issuer: Issuer) -> frozenset[str]:
    """The token's audiences that are ours. RFC 7519 allows several, and one of ours is enough."""
    found = find(claims, issuer.audience_claim)
    names = found if isinstance(found, list) and issuer.audience_claim == "aud" else [found]
    ours = frozenset(name for name in names if isinstance(name, str) and name in issuer.audience)
    _check(
        bool(ours) and all(isinstance(name, str) for name in names),
        f"The token's claim '{issuer.audience_claim}' does not name this gatehouse.",
    )
    return ours


def _check_times(claims: JsonObject, issuer: Issuer, now: float) -> None:
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    _check(expires > now - LEEWAY_SECONDS, "The token has expired; get a new one from its issuer.")
    _check(
        max(issued, begins) <= now + LEEWAY_SECONDS,
        "The token is from the future (iat or nbf): compare the clocks.",
    )
    _check(
        0 < expires - issued <= issuer.max_lifetime_seconds,
        f"The token lives longer than the {issuer.max_lifetime_seconds} seconds that are accepted.",
    )


def _time(claims: JsonObject, name: str) -> float:
    found = claims.get(name)
    # True is an int, and NaN is in no range.
    if isinstance(found, (int, float)) and not isinstance(found, bool) and 0 <= found <= LATEST:
        return found
    msg = f"The token's claim '{name}' must be a time, in seconds since 1970."
    raise Unauthenticated(msg)


def _check_kind(claims: JsonObject, issuer: Issuer, audience: frozenset[str]) -> None:
    signs = {name for name in issuer.id_token_signs if name in claims}
    # An ID token was issued to the very application that it is for; an access token often has azp.
    if issuer.audience_claim != "aud" or claims.get("azp") not in tuple(audience):
        signs.discard("azp")
    _check(not signs, f"This is an ID token ({', '.join(sorted(signs))}); send an access token.")
    _check(
        claims.get("token_use") in (None, "access") and claims.get("typ") not in OTHER_KINDS,
        "This is not an access token; send one.",
    )


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # a sentence and its detail
    if not holds:
        raise Unauthenticated(otherwise)
