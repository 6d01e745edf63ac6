"""An identity provider whose access tokens a zone accepts, and where its claims stand.

Providers agree on signatures and times, and on little else: who a token is for, what marks it as an
access token and which claim holds the groups is told here, as data (``infra/zones.toml``).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from functions.domain.names import JsonObject, RoleName, TeamName

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""With a public key only: a secret that verifies also signs."""
IdTokenSign = Literal["at_hash", "azp", "c_hash", "nonce", "s_hash"]
ClaimPath = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,128}$")]
"""A claim's name (``cognito:groups``), or the way to one inside others (``realm_access.roles``)."""
HttpsUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!$-.0-;=A-Z_a-z~/]*)?$"),
]
"""Without a user, a query or a fragment."""


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrSeveral = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_several), Field(min_length=1)
]
Paths = Annotated[tuple[ClaimPath, ...], BeforeValidator(_several), Field(min_length=1)]


class Issuer(BaseModel):
    """What is expected of the tokens of one identity provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    issuer: HttpsUrl
    audience: OneOrSeveral
    audience_claim: ClaimPath = "aud"
    """Where the audience stands; an access token of Cognito has it in ``client_id``."""
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256",), min_length=1)
    jwks_uri: HttpsUrl | None = None
    """Found through OpenID discovery when absent."""
    header_typ: Literal["at+jwt"] | None = None
    """What the header's ``typ`` must be, for providers that mark access tokens (RFC 9068)."""
    required_claims: dict[ClaimPath, Annotated[tuple[str, ...], BeforeValidator(_several)]] = {}
    """Claims that must be there with one of these values; an empty list means any value."""
    id_token_signs: tuple[IdTokenSign, ...] = ("at_hash", "azp", "c_hash", "nonce", "s_hash")
    """What tells an ID token from an access token here."""
    max_lifetime_seconds: Annotated[int, Field(ge=60, le=7 * 86_400)] = 86_400
    team_claim: ClaimPath = "team"
    team_names: dict[str, TeamName] = {}
    """From the claim's values to our teams; without any, the values are teams."""
    roles_claim: Paths = ("roles",)
    role_names: dict[str, Annotated[tuple[RoleName, ...], BeforeValidator(_several)]] = {}
    """From the claims' values to our roles, and no other value counts; without any, the values are
    roles."""
    zone_claim: ClaimPath | None = None
    """Without one, the zone is the team's."""
    subject_claim: ClaimPath = "sub"


def find(claims: JsonObject, path: str) -> object:
    """What stands at a claim's path; None if nothing does.

    A claim of exactly this name comes first: ``https://example.com/team`` is one name.
    """
    if path in claims:
        return claims[path]
    for at, character in enumerate(path):
        inner = claims.get(path[:at]) if character == "." else None
        if isinstance(inner, dict) and (found := find(inner, path[at + 1 :])) is not None:
            return found
    return None
