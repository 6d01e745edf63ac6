"""What the verified claims of a token mean here: who calls, for which team, in which roles.

Nothing but an exact match of the configuration counts, and what cannot be understood is refused: a
detail names the claim, never its value.
"""

import re
from collections.abc import Iterator

from functions.domain.errors import Unauthenticated
from functions.domain.issuer import Issuer, find
from functions.domain.names import JsonObject

LONGEST_NAME = 256
ROLE = re.compile(r"[a-z][a-z0-9:._-]{0,63}")
"""What a role of ours can be called. Another name of a provider's group can be none, and must not
become several: roles travel as one text with spaces between them."""


def subject_of(claims: JsonObject, issuer: Issuer) -> str:
    """Who calls, in printable characters, since it is written into the audit trail."""
    found = find(claims, issuer.subject_claim)
    if not (isinstance(found, str) and 0 < len(found) <= LONGEST_NAME and found.isprintable()):
        msg = (
            f"The token's claim '{issuer.subject_claim}' must name who calls, in at most "
            f"{LONGEST_NAME} printable characters."
        )
        raise Unauthenticated(msg)
    return found


def team_of(claims: JsonObject, issuer: Issuer) -> str:
    """The name of the team that the token is for.

    Raises:
        Unauthenticated: it names none, or several.
    """
    names = set(_names(claims, issuer.team_claim))
    if issuer.team_names:
        names = {issuer.team_names[name] for name in names if name in issuer.team_names}
    if len(names) != 1:
        msg = f"The token's claim '{issuer.team_claim}' must name one team that is registered here."
        raise Unauthenticated(msg)
    return names.pop()


def roles_of(claims: JsonObject, issuer: Issuer) -> frozenset[str]:
    """The caller's roles, of all claims that hold any."""
    values = {name for path in issuer.roles_claim for name in _names(claims, path)}
    if issuer.role_names:
        return frozenset(role for value in values for role in issuer.role_names.get(value, ()))
    return frozenset(value for value in values if ROLE.fullmatch(value))


def zone_of(claims: JsonObject, issuer: Issuer) -> str | None:
    """The zone that the token names, if this issuer's tokens do."""
    found = find(claims, issuer.zone_claim) if issuer.zone_claim else None
    if found is not None and not isinstance(found, str):
        msg = f"The token's claim '{issuer.zone_claim}' must name a zone."
        raise Unauthenticated(msg)
    return found


def _names(claims: JsonObject, path: str) -> Iterator[str]:
    """A list of names, or one string of names between spaces, as OAuth writes scopes."""
    found = find(claims, path)
    if found is None:
        _check_left_out(claims, path)
        return
    names = found.split(" ") if isinstance(found, str) else found
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        msg = f"The token's claim '{path}' must be a list of names."
        raise Unauthenticated(msg)
    yield from filter(None, names)


def _check_left_out(claims: JsonObject, path: str) -> None:
    """Some providers leave long lists out and say so (OpenID Connect Core, 5.6.2)."""
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, dict) and path in elsewhere:
        msg = f"The token leaves out its claim '{path}', which is too long: assign fewer groups."
        raise Unauthenticated(msg)
