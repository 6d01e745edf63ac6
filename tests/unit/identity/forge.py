"""Makes tokens, good ones and every kind of bad one, byte by byte.

Libraries that sign refuse to write most of what an attacker sends, so the parts are put together
here. Keys are made once: a test that changes one makes its own.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from functions.domain.issuer import Issuer
from functions.domain.names import JsonObject

NOW = 1_795_000_000
ISSUER = Issuer(
    issuer="https://login.example.com/",
    audience="agent-gatehouse",
    algorithms=("RS256", "ES256", "EdDSA"),
)


@cache
def rsa_key(name: str = "main", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(curve: str = "secp256r1") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(_CURVES[curve]())


_CURVES: dict[str, type[ec.EllipticCurve]] = {"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1}


@cache
def ed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def jwk(key: Any, kid: str, **more: Any) -> JsonObject:
    """A key as an issuer publishes it; None leaves a member out."""
    public = key.public_key()
    kinds = ((rsa.RSAPublicKey, RSAAlgorithm), (ec.EllipticCurvePublicKey, ECAlgorithm))
    algorithm = next((a for kind, a in kinds if isinstance(public, kind)), OKPAlgorithm)
    made: JsonObject = algorithm.to_jwk(public, as_dict=True)
    made = {**made, "kid": kid, "use": "sig", "key_ops": None, **more}
    return {name: value for name, value in made.items() if value is not None}


@cache
def published() -> tuple[JsonObject, ...]:
    """What the issuer publishes: one good key of each kind, and every bad one."""
    main, other = rsa_key(), rsa_key("other")
    private = RSAAlgorithm.to_jwk(main, as_dict=True)
    return (
        jwk(main, "main", alg="RS256"),
        jwk(ec_key(), "ec", alg="ES256"),
        jwk(ed_key(), "ed", alg="EdDSA"),
        jwk(main, "twin"),
        jwk(other, "twin"),
        jwk(main, "for-encryption", use="enc"),
        jwk(main, "to-sign-only", use=None, key_ops=["sign"]),
        jwk(main, "odd-operations", key_ops="verify"),
        jwk(rsa_key("weak", 1024), "weak"),
        jwk(ec_key("secp384r1"), "another-curve", alg=None),
        jwk(main, "another-algorithm", alg="RS512"),
        {**private, "kid": "private", "use": "sig", "key_ops": ["sign", "verify"]},
        {"kty": "oct", "kid": "secret", "k": b64(b"s" * 32), "alg": "HS256"},
        {"kty": "RSA", "kid": "broken", "n": "AQAB", "e": "!"},
        {"kty": "RSA", "kid": "halved", "n": "AQAB"},
    )


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def dumps(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def without_none(values: JsonObject) -> JsonObject:
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Forge:
    """Signs what it is told to for one issuer."""

    issuer: Issuer = ISSUER
    now: float = NOW
    keys: Sequence[JsonObject] = field(default_factory=published)

    def claims(self, **changes: Any) -> JsonObject:
        """The claims of a good token; None leaves one out."""
        made = {
            "iss": self.issuer.issuer,
            "aud": "agent-gatehouse",
            "sub": "ada",
            "iat": self.now - 10,
            "exp": self.now + 3600,
            "team": "platform",
            "roles": ["tickets:summarise"],
        }
        return without_none({**made, **changes})

    def header(self, **changes: Any) -> JsonObject:
        return without_none({"alg": "RS256", "typ": "JWT", "kid": "main", **changes})

    def token(
        self, key: Any = None, header: JsonObject | None = None, alg: str = "RS256", **claims: Any
    ) -> str:
        """A token with these changes to its header and claims, signed well."""
        return self.sign(
            dumps(self.header(**{"alg": alg, **(header or {})})),
            dumps(self.claims(**claims)),
            key=key,
            alg=alg,
        )

    def sign(self, header: bytes, claims: bytes, key: Any = None, alg: str = "RS256") -> str:
        """A token of exactly these bytes."""
        return self.sealed(f"{b64(header)}.{b64(claims)}", key, alg)

    def sealed(self, signed: str, key: Any = None, alg: str = "RS256") -> str:
        """A text with a true signature of it behind a dot."""
        signature = jwt.get_algorithm_by_name(alg).sign(signed.encode(), key or rsa_key())
        return f"{signed}.{b64(signature)}"

    def claimed(self, claims: bytes) -> str:
        """A good header and these claims as they are."""
        return self.sign(dumps(self.header()), claims)

    def headed(self, header: bytes) -> str:
        """This header as it is, and good claims."""
        return self.sign(header, dumps(self.claims()))
