"""Mints the tokens that a company's identity provider would issue.

The local issuers take the place of those that the authorizer's environment names, with the same
audience and names of claims, so the authorizer verifies real signatures with keys that it fetched
over HTTPS. Keys are kept in a folder: a token outlives a restart of the runner, and another process
can mint one.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import TypeAdapter

from functions.domain.issuer import Issuer
from functions.domain.team import Teams
from local import files

ALGORITHM = "RS256"
KEY_FILE = "signing-key.pem"
ISSUERS_FILE = "issuers.json"
LIFETIME_SECONDS = 8 * 3600
TEAMS = Path(__file__).parent.parent / "infra" / "teams.toml"

Issuers = TypeAdapter(tuple[Issuer, ...])


class CannotMint(Exception):
    """A token cannot be made; the message says what to do."""


@dataclass(frozen=True)
class Minter:
    """Signs tokens of the local issuers."""

    key: rsa.RSAPrivateKey
    issuers: tuple[Issuer, ...]
    teams: Teams

    @classmethod
    def load(cls, folder: Path, teams: Path = TEAMS) -> "Minter":
        """The minter of a runner that was started with this folder at least once.

        Raises:
            CannotMint: no runner ever was.
        """
        issuers = folder / ISSUERS_FILE
        if not issuers.is_file():
            msg = f"{folder} holds no keys yet: start the local stack once with 'make run'"
            raise CannotMint(msg)
        return cls(
            signing_key(folder),
            Issuers.validate_json(issuers.read_bytes()),
            Teams.parse(teams.read_text(encoding="utf-8")),
        )

    def mint(
        self,
        team: str,
        roles: Iterable[str] | None = None,
        *,
        zone: str | None = None,
        subject: str = "local-developer",
        lifetime_seconds: int = LIFETIME_SECONDS,
        now: Callable[[], float] = time.time,
        **overrides: Any,
    ) -> str:
        """A token of the first issuer, by default with the roles that teams.toml gives the team.

        Every other keyword replaces a claim; None drops it.

        Raises:
            CannotMint: the team is not registered, and no roles were given.
        """
        import jwt

        issuer, issued_at = self.issuers[0], int(now())
        wanted = self._roles(team) if roles is None else frozenset(roles)
        claims: dict[str, Any] = {
            **{
                path: values[0] if values else "any"
                for path, values in issuer.required_claims.items()
            },
            "iss": issuer.issuer,
            issuer.audience_claim: issuer.audience[0],
            issuer.subject_claim: subject,
            "iat": issued_at,
            "exp": issued_at + lifetime_seconds,
            "jti": str(uuid.uuid4()),
            issuer.team_claim: _name_of_team(issuer, team),
            issuer.roles_claim[0]: _names_of_roles(issuer, wanted),
            **({issuer.zone_claim: zone} if issuer.zone_claim and zone else {}),
            **overrides,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        typ = {"typ": issuer.header_typ} if issuer.header_typ else {}
        return jwt.encode(present, self.key, ALGORITHM, headers={"kid": key_id(self.key), **typ})

    def _roles(self, name: str) -> frozenset[str]:
        team = self.teams.get(name)
        if team is None:
            known = ", ".join(sorted(self.teams.teams))
            msg = f"infra/teams.toml has no team {name!r}; it has: {known}. Or name the roles"
            raise CannotMint(msg)
        return team.roles


def _name_of_team(issuer: Issuer, team: str) -> str:
    """What the provider calls a team of ours."""
    return next((name for name, ours in issuer.team_names.items() if ours == team), team)


def _names_of_roles(issuer: Issuer, roles: frozenset[str]) -> list[str]:
    """What the provider calls these roles of ours.

    Raises:
        CannotMint: no names of its stand for just these.
    """
    if not issuer.role_names:
        return sorted(roles)
    names = [name for name, ours in issuer.role_names.items() if roles.issuperset(ours)]
    missing = roles.difference(*(issuer.role_names[name] for name in names))
    if missing:
        msg = f"no name in the issuer's role_names stands for just: {', '.join(sorted(missing))}"
        raise CannotMint(msg)
    return names


def signing_key(folder: Path) -> rsa.RSAPrivateKey:
    """The key in the folder, made when there is none."""
    path = folder / KEY_FILE
    if not path.is_file():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        files.write_private(path, pem)
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        msg = f"{path} holds no RSA key; delete it and start the local stack again"
        raise CannotMint(msg)
    return loaded


def key_id(key: rsa.RSAPrivateKey) -> str:
    """A name for the key that follows from it."""
    modulus = key.public_key().public_numbers().n
    return hashlib.sha256(str(modulus).encode()).hexdigest()[:16]


def public_keys(key: rsa.RSAPrivateKey) -> str:
    """The JSON web key set by which signatures are verified."""
    from jwt.algorithms import RSAAlgorithm

    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    kept = {**public, "kid": key_id(key), "use": "sig", "alg": ALGORITHM}
    return json.dumps({"keys": [kept]})
