"""Tokens of the local identity provider."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from functions.domain.issuer import Issuer
from local import identity
from local.identity import CannotMint, Issuers, Minter

ISSUER = Issuer(
    issuer="https://127.0.0.1:1/0",
    audience="agent-gatehouse",
    team_claim="https://example.com/team",
    roles_claim="groups",
    zone_claim="residency",
)
TEAMS = """
[tiers.standard]
requests_per_second = 1
burst = 1
requests_per_month = 1
[teams.retail]
zone = "eu"
business_unit = "Retail"
cost_centre = "CC-1"
tier = "standard"
budget = { monthly_usd = 1 }
roles = ["reviews:analyse"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state that a runner leaves behind."""
    path = tmp_path_factory.mktemp("identity")
    (path / identity.ISSUERS_FILE).write_bytes(Issuers.dump_json((ISSUER,)))
    (path / "teams.toml").write_text(TEAMS)
    return path


@pytest.fixture
def minter(folder: Path) -> Minter:
    return Minter.load(folder, folder / "teams.toml")


def claims(minter: Minter, token: str) -> dict[str, Any]:
    """Verify a token as anybody would who has the public keys."""
    keys = jwt.PyJWKSet.from_json(identity.public_keys(minter.key))
    key = keys[jwt.get_unverified_header(token)["kid"]]
    found: dict[str, Any] = jwt.decode(
        token, key, ["RS256"], audience=ISSUER.audience[0], issuer=ISSUER.issuer
    )
    return found


def test_a_token_has_the_claims_under_the_issuers_own_names(minter: Minter) -> None:
    found = claims(minter, minter.mint("retail", zone="eu", subject="ada"))
    assert found[ISSUER.team_claim] == "retail"
    assert found["groups"] == ["reviews:analyse"]
    assert (found["residency"], found["sub"]) == ("eu", "ada")


def test_roles_can_be_chosen_also_for_a_team_that_nobody_knows(minter: Minter) -> None:
    assert claims(minter, minter.mint("nobody", ["b", "a"]))["groups"] == ["a", "b"]


def test_a_team_that_nobody_knows_needs_roles(minter: Minter) -> None:
    with pytest.raises(CannotMint, match="no team 'nobody'; it has: retail"):
        minter.mint("nobody")


def test_a_claim_can_be_replaced_or_dropped(minter: Minter) -> None:
    found = claims(minter, minter.mint("retail", sub=None, scope="x"))
    assert "sub" not in found
    assert found["scope"] == "x"


def test_a_token_expires(minter: Minter) -> None:
    token = minter.mint("retail", lifetime_seconds=60, now=lambda: 1_000_000)
    with pytest.raises(jwt.ExpiredSignatureError):
        claims(minter, token)


def test_a_token_outlives_the_runner_that_made_it(folder: Path, minter: Minter) -> None:
    later = Minter.load(folder, folder / "teams.toml")
    assert claims(later, minter.mint("retail"))["sub"] == "local-developer"


def test_the_public_keys_hold_nothing_private(minter: Minter) -> None:
    (key,) = json.loads(identity.public_keys(minter.key))["keys"]
    assert key.keys() == {"kty", "n", "e", "kid", "use", "alg", "key_ops"}
    assert key["key_ops"] == ["verify"]


def test_keys_are_readable_by_their_owner_only(folder: Path, minter: Minter) -> None:
    assert (folder / identity.KEY_FILE).stat().st_mode & 0o077 == 0


def test_without_a_runner_there_is_nothing_to_sign_with(tmp_path: Path) -> None:
    with pytest.raises(CannotMint, match="make run"):
        Minter.load(tmp_path)
