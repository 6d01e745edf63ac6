"""Every attack on a bearer token that we know of, as a sentence and the header value that it sends.

Each token is signed by the issuer's true key unless the attack is on the signature: what is refused
is refused for the one thing that is wrong with it.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import serialization

from tests.unit.identity.forge import Forge, b64, dumps, ec_key, ed_key, jwk, rsa_key

Attack = Callable[[Forge], str]

DEEP = 3000


def _parts(token: str) -> list[str]:
    return token.split(".")


def _pem() -> bytes:
    """The public key as text, which a careless verifier takes for a shared secret."""
    return (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _with_secret(f: Forge, secret: bytes, **header: Any) -> str:
    import hashlib
    import hmac

    signed = f"{b64(dumps(f.header(alg='HS256', **header)))}.{b64(dumps(f.claims()))}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _raw(f: Forge, name: str, value: str) -> str:
    """A claim whose value is this text, which need not be JSON."""
    text = json.dumps(f.claims(**{name: "@"}), separators=(",", ":"))
    return f.claimed(text.replace('"@"', value).encode())


def _header_raw(f: Forge, name: str, value: str) -> str:
    text = json.dumps(f.header(**{name: "@"}), separators=(",", ":"))
    return f.headed(text.replace('"@"', value).encode())


def _twice(f: Forge, member: bytes) -> str:
    """Claims in which one stands twice, with another value before the true one."""
    return f.claimed(b"{" + member + b"," + dumps(f.claims())[1:])


def _respelled(f: Forge) -> str:
    """The same bytes with other bits behind the signature's last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = f.token()
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def _respelled_claims(f: Forge) -> str:
    """Signed as it stands, with bits behind the last character of the claims."""
    claims = dumps(f.claims())
    while len(claims) % 3 != 1:
        claims = claims[:-1] + b" }"
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = b64(claims)
    spelled = text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]
    return f.sealed(f"{b64(dumps(f.header()))}.{spelled}")


def _other_payload(f: Forge) -> str:
    header, _, signature = _parts(f.token())
    return f"{header}.{b64(dumps(f.claims(sub='root')))}.{signature}"


def _flipped(f: Forge) -> str:
    signed, signature = f.token().rsplit(".", 1)
    raw = bytearray(urlsafe_b64decode(signature + "=="))
    raw[7] ^= 1
    return f"{signed}.{b64(bytes(raw))}"


def _cut(f: Forge, at: int) -> str:
    signed, signature = f.token().rsplit(".", 1)
    return f"{signed}.{b64(urlsafe_b64decode(signature + '==')[:at])}"


def _padded(f: Forge) -> str:
    padded = [part + "=" * (-len(part) % 4) for part in _parts(f.token(jti="xx"))]
    assert any("=" in part for part in padded)
    return ".".join(padded)


def _other_alphabet(f: Forge) -> str:
    """Signed as it stands, with the two characters of ordinary base64."""
    claims = b64(dumps(f.claims())[:-1] + b',"x":"' + "ÿ¿þ>?~".encode() * 3 + b'"}')
    spelled = claims.replace("-", "+").replace("_", "/")
    assert set("+/") & set(spelled)
    return f.sealed(f"{b64(dumps(f.header()))}.{spelled}")


def _jwe(f: Forge) -> str:
    header = dumps(f.header(alg="RSA-OAEP", enc="A256GCM"))
    return ".".join([b64(header), b64(b"key"), b64(b"iv"), b64(b"secret"), b64(b"tag")])


def _nested(levels: int, kind: str) -> str:
    if kind == "list":
        return "[" * levels + "]" * levels
    return '{"a":' * levels + "1" + "}" * levels


ALGORITHM: dict[str, Attack] = {
    "no signature is asked for": lambda f: (
        _parts(f.token(header={"alg": "none"}))[0] + f".{b64(dumps(f.claims()))}."
    ),
    "no signature is asked for, and one is there": lambda f: f.token(header={"alg": "none"}),
    "none in other letters": lambda f: f.token(header={"alg": "nOnE"}),
    "the public key is a shared secret": lambda f: _with_secret(f, _pem()),
    "the public key's modulus is a shared secret": lambda f: _with_secret(
        f, str(jwk(rsa_key(), "main")["n"]).encode()
    ),
    "a published shared secret": lambda f: _with_secret(f, b"s" * 32, kid="secret"),
    "no algorithm": lambda f: f.token(header={"alg": None}),
    "the algorithm is a number": lambda f: f.token(header={"alg": 256}),
    "the algorithm is a list": lambda f: f.token(header={"alg": ["RS256"]}),
    "a true algorithm that is not allowed": lambda f: f.token(alg="RS512"),
    "another padding of the same key": lambda f: f.token(alg="PS256"),
    "an elliptic algorithm with an RSA key": lambda f: f.token(
        ec_key(), {"kid": "main"}, alg="ES256"
    ),
    "an RSA algorithm with an elliptic key": lambda f: f.token(header={"kid": "ec"}),
    "an Edwards algorithm with an RSA key": lambda f: f.token(
        ed_key(), {"kid": "main"}, alg="EdDSA"
    ),
    "a key of another curve": lambda f: f.sealed(
        f"{b64(dumps(f.header(alg='ES256', kid='another-curve')))}.{b64(dumps(f.claims()))}",
        ec_key("secp384r1"),
        "ES384",
    ),
    "a key for another algorithm": lambda f: f.token(header={"kid": "another-algorithm"}),
}

HEADER: dict[str, Attack] = {
    "it brings its key": lambda f: f.token(
        rsa_key("thief"), {"jwk": jwk(rsa_key("thief"), "main"), "kid": "main"}
    ),
    "it brings its key under a name of its own": lambda f: f.token(
        rsa_key("thief"), {"jwk": jwk(rsa_key("thief"), "x"), "kid": "x"}
    ),
    "it says where its keys are": lambda f: f.token(header={"jku": "https://evil.example/keys"}),
    "it says where its certificate is": lambda f: f.token(header={"x5u": "https://evil.example"}),
    "it brings a certificate": lambda f: f.token(header={"x5c": ["MIIB"]}),
    "it names an extension": lambda f: f.token(header={"crit": ["exp"], "exp": 1}),
    "its extensions are none": lambda f: f.token(header={"crit": []}),
    "its payload is not encoded": lambda f: f.token(header={"b64": False, "crit": ["b64"]}),
    "its payload is not encoded, by the way": lambda f: f.token(header={"b64": False}),
    "it is compressed": lambda f: f.token(header={"zip": "DEF"}),
    "it holds another token": lambda f: f.token(header={"cty": "JWT"}),
    "it says that it is encrypted": lambda f: f.token(header={"enc": "A256GCM"}),
    "it says that it logs somebody out": lambda f: f.token(header={"typ": "logout+jwt"}),
    "it says that it proves a key": lambda f: f.token(header={"typ": "dpop+jwt"}),
    "its type is a number": lambda f: f.token(header={"typ": 1}),
    "its type is null": lambda f: _header_raw(f, "typ", "null"),
    "its key is a path": lambda f: f.token(header={"kid": "../../../../dev/null"}),
    "its key is an address": lambda f: f.token(header={"kid": "https://evil.example/key"}),
    "its key is a query": lambda f: f.token(header={"kid": "main' UNION SELECT 'x"}),
    "its key has control characters": lambda f: f.token(header={"kid": "main\r\nX-Team: retail"}),
    "its key ends with a zero": lambda f: f.token(header={"kid": "main\0"}),
    "its key ends with a newline": lambda f: f.token(header={"kid": "main\n"}),
    "its key's name is very long": lambda f: f.token(header={"kid": "k" * 5000}),
    "its key's name is empty": lambda f: f.token(header={"kid": ""}),
    "its key's name is a number": lambda f: f.token(header={"kid": 0}),
    "its key's name is a list": lambda f: f.token(header={"kid": ["main"]}),
    "it names no key": lambda f: f.token(header={"kid": None}),
    "it names a key that is there twice": lambda f: f.token(header={"kid": "twin"}),
    "it names a key for encryption": lambda f: f.token(header={"kid": "for-encryption"}),
    "it names a key that may only sign": lambda f: f.token(header={"kid": "to-sign-only"}),
    "it names a key of odd operations": lambda f: f.token(header={"kid": "odd-operations"}),
    "it names a private key": lambda f: f.token(header={"kid": "private"}),
    "it names a key that cannot be read": lambda f: f.token(header={"kid": "broken"}),
    "it names half a key": lambda f: f.token(header={"kid": "halved"}),
    "it names a weak key": lambda f: f.token(rsa_key("weak", 1024), {"kid": "weak"}),
}

TIMES: dict[str, Attack] = {
    "it has no end": lambda f: f.token(exp=None),
    "its end is a text": lambda f: f.token(exp=str(f.now + 3600)),
    "its end is infinite": lambda f: _raw(f, "exp", "Infinity"),
    "its end is infinite, in digits": lambda f: _raw(f, "exp", "1e999"),
    "its end is not a number": lambda f: _raw(f, "exp", "NaN"),
    "its end is true": lambda f: f.token(exp=True),
    "its end is null": lambda f: _raw(f, "exp", "null"),
    "its end is a list": lambda f: f.token(exp=[f.now + 3600]),
    "its end is negative": lambda f: f.token(exp=-1),
    "its end is zero": lambda f: f.token(exp=0),
    "its end is a huge number": lambda f: f.token(exp=10**400),
    "its end is a number of five thousand digits": lambda f: _raw(f, "exp", "1" * 5000),
    "its end is past": lambda f: f.token(exp=f.now - 61, iat=f.now - 3600),
    "its end is before its beginning": lambda f: f.token(exp=f.now + 10, iat=f.now + 20),
    "it lives for more than a day": lambda f: f.token(exp=f.now + 86_400),
    "it lives for a thousand years": lambda f: f.token(exp=f.now + 86_400 * 365_000),
    "it was issued at no time": lambda f: f.token(iat=None),
    "it was issued in the future": lambda f: f.token(iat=f.now + 120),
    "it was issued at a text": lambda f: f.token(iat="now"),
    "it begins in the future": lambda f: f.token(nbf=f.now + 120),
    "it begins at a text": lambda f: f.token(nbf="0"),
    "it begins at null": lambda f: _raw(f, "nbf", "null"),
}

FOR_WHOM: dict[str, Attack] = {
    "another issuer": lambda f: f.token(iss="https://evil.example/"),
    "an issuer that begins like ours": lambda f: f.token(iss=f.issuer.issuer + ".evil.example"),
    "the beginning of our issuer": lambda f: f.token(iss=f.issuer.issuer[:-1]),
    "our issuer in capitals": lambda f: f.token(iss=f.issuer.issuer.upper()),
    "a list of issuers": lambda f: f.token(iss=[f.issuer.issuer]),
    "no issuer": lambda f: f.token(iss=None),
    "an issuer that is an object": lambda f: f.token(iss={"iss": f.issuer.issuer}),
    "another audience": lambda f: f.token(aud="someone-else"),
    "an audience that begins like ours": lambda f: f.token(aud="agent-gatehouse-test"),
    "the beginning of our audience": lambda f: f.token(aud="agent"),
    "our audience among words": lambda f: f.token(aud="other agent-gatehouse"),
    "our audience in capitals": lambda f: f.token(aud="AGENT-GATEHOUSE"),
    "a list of other audiences": lambda f: f.token(aud=["someone", "else"]),
    "a list of lists of audiences": lambda f: f.token(aud=[["agent-gatehouse"]]),
    "a list of our audience and a number": lambda f: f.token(aud=["agent-gatehouse", 1]),
    "an audience that is an object": lambda f: f.token(aud={"agent-gatehouse": 1}),
    "an empty list of audiences": lambda f: f.token(aud=[]),
    "an empty audience": lambda f: f.token(aud=""),
    "no audience": lambda f: f.token(aud=None),
    "our audience elsewhere": lambda f: f.token(aud=None, client_id="agent-gatehouse"),
}

KIND: dict[str, Attack] = {
    "an ID token with a nonce": lambda f: f.token(nonce="n"),
    "an ID token with the hash of a token": lambda f: f.token(at_hash="h"),
    "an ID token with the hash of a code": lambda f: f.token(c_hash="h"),
    "an ID token with the hash of a state": lambda f: f.token(s_hash="h"),
    "an ID token for the application itself": lambda f: f.token(azp="agent-gatehouse"),
    "an ID token as Cognito marks it": lambda f: f.token(token_use="id"),
    "an ID token as Keycloak marks it": lambda f: f.token(typ="ID"),
    "a refresh token": lambda f: f.token(typ="Refresh"),
}

WHO: dict[str, Attack] = {
    "nobody": lambda f: f.token(sub=None),
    "a number": lambda f: f.token(sub=7),
    "an empty name": lambda f: f.token(sub=""),
    "a name with control characters": lambda f: f.token(sub="ada\r\nroot"),
    "a very long name": lambda f: f.token(sub="a" * 300),
    "no team": lambda f: f.token(team=None),
    "a team that is not registered": lambda f: f.token(team="nobody"),
    "two teams": lambda f: f.token(team=["platform", "helpdesk"]),
    "a team that is an object": lambda f: f.token(team={"platform": 1}),
    "roles that are numbers": lambda f: f.token(roles=[1]),
    "roles that are an object": lambda f: f.token(roles={"tickets:summarise": True}),
}

TEXT: dict[str, Attack] = {
    "a claim twice": lambda f: _twice(f, b'"sub":"root"'),
    "a claim twice, once in escapes": lambda f: _twice(f, b'"\\u0073ub":"root"'),
    "a claim in a claim twice": lambda f: _raw(f, "x", '{"a":1,"a":2}'),
    "a header member twice": lambda f: f.headed(b'{"alg":"none",' + dumps(f.header())[1:]),
    "padding": _padded,
    "the other base64 alphabet": _other_alphabet,
    "bits that mean nothing": _respelled,
    "bits that mean nothing, signed": _respelled_claims,
    "white space in front": lambda f: "\t" + f.token(),
    "white space behind": lambda f: f.token() + " ",
    "a newline behind": lambda f: f.token() + "\n",
    "a newline within": lambda f: f.token()[:50] + "\n" + f.token()[50:],
    "a zero behind": lambda f: f.token() + "\0",
    "other letters behind": lambda f: f.token() + "ä",
    "one part": lambda f: b64(dumps(f.claims())),
    "two parts": lambda f: ".".join(_parts(f.token())[:2]),
    "two parts and a dot": lambda f: ".".join(_parts(f.token())[:2]) + ".",
    "four parts": lambda f: f.token() + ".x",
    "five parts": lambda f: f.token() + ".x.y",
    "empty parts": lambda f: "..",
    "an encrypted token": _jwe,
    "more than eight kilobytes": lambda f: f.token(x="x" * 6200),
    "more than a megabyte": lambda f: "x" * 1_100_000,
    "lists in lists": lambda f: _raw(f, "x", _nested(2500, "list")),
    "objects in objects": lambda f: _raw(f, "x", _nested(900, "object")),
    "a few too many objects in objects": lambda f: _raw(f, "x", _nested(9, "object")),
    "a header of lists in lists": lambda f: _header_raw(f, "x", _nested(2500, "list")),
    "a number of five thousand digits": lambda f: _raw(f, "x", "9" * 5000),
    "a number that is infinite": lambda f: _raw(f, "x", "-1e999"),
    "no number": lambda f: _raw(f, "x", "NaN"),
    "bytes that are no text": lambda f: f.claimed(dumps(f.claims())[:-1] + b',"x":"\xff\xfe"}'),
    "bytes that are no text in the header": lambda f: f.headed(b'{"alg":"\xc3\x28"}'),
    "claims in UTF-16": lambda f: f.claimed(json.dumps(f.claims()).encode("utf-16")),
    "a byte order mark": lambda f: f.claimed(b"\xef\xbb\xbf" + dumps(f.claims())),
    "half a character": lambda f: _raw(f, "sub", '"\\ud800"'),
    "claims that are a list": lambda f: f.claimed(dumps([f.claims()])),
    "claims that are a text": lambda f: f.claimed(b'"claims"'),
    "claims that are null": lambda f: f.claimed(b"null"),
    "claims that are empty": lambda f: f.claimed(b"{}"),
    "a header that is a list": lambda f: f.headed(b"[]"),
    "text after the claims": lambda f: f.claimed(dumps(f.claims()) + b"{}"),
    "a comma too many": lambda f: f.claimed(dumps(f.claims())[:-1] + b",}"),
}

SIGNATURE: dict[str, Attack] = {
    "somebody else's under our key's name": lambda f: f.token(rsa_key("thief")),
    "the signature of another token": lambda f: ".".join(
        [*_parts(f.token())[:2], _parts(f.token(sub="bob"))[2]]
    ),
    "claims that were changed": _other_payload,
    "one bit flipped": _flipped,
    "cut short": lambda f: _cut(f, 100),
    "one byte": lambda f: _cut(f, 1),
    "all zeros on a curve": lambda f: ".".join(
        [*_parts(f.token(ec_key(), {"kid": "ec"}, alg="ES256"))[:2], b64(bytes(64))]
    ),
    "of the wrong length on a curve": lambda f: (
        f.token(ec_key(), {"kid": "ec"}, alg="ES256") + "AAAA"
    ),
    "a key that its issuer never had": lambda f: f.token(rsa_key("thief"), {"kid": "new"}),
}

TOKENS: dict[str, Attack] = {
    f"{group}: {name}": attack
    for group, attacks in {
        "algorithm": ALGORITHM,
        "header": HEADER,
        "times": TIMES,
        "for whom": FOR_WHOM,
        "kind": KIND,
        "who": WHO,
        "text": TEXT,
        "signature": SIGNATURE,
    }.items()
    for name, attack in attacks.items()
}

CREDENTIALS: dict[str, Attack] = {
    "no scheme": lambda f: f.token(),
    "another scheme": lambda f: f"Basic {f.token()}",
    "a scheme that begins like ours": lambda f: f"BearerX {f.token()}",
    "the scheme alone": lambda f: "Bearer",
    "the scheme and a space": lambda f: "Bearer ",
    "the scheme twice": lambda f: f"Bearer Bearer {f.token()}",
    "a tab for a space": lambda f: f"Bearer\t{f.token()}",
    "two credentials with a comma": lambda f: f"Bearer {f.token()}, Bearer {f.token(sub='bob')}",
    "two tokens with a comma": lambda f: f"Bearer {f.token()},{f.token(sub='bob')}",
    "two tokens with a space": lambda f: f"Bearer {f.token()} {f.token(sub='bob')}",
    "a token and a parameter": lambda f: f'Bearer {f.token()}, realm="x"',
    "a token in quotes": lambda f: f'Bearer "{f.token()}"',
    "a token in percent signs": lambda f: f"Bearer {f.token().replace('.', '%2E')}",
    "nothing": lambda f: "",
}


def _sent(attack: Attack) -> Attack:
    return lambda f: f"Bearer {attack(f)}"


ATTACKS: dict[str, Attack] = {name: _sent(attack) for name, attack in TOKENS.items()} | {
    f"credential: {name}": attack for name, attack in CREDENTIALS.items()
}
"""Every attack as what is in the header."""
