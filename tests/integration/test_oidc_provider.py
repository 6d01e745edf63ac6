"""A real OpenID provider (npm oidc-provider) that rotates its keys while many callers are at it.

Each rotation goes as providers do it: the new key is published, later it signs, and the old one
stays published until its tokens are gone. Meanwhile others send forged tokens without pause.
"""

import json
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event, Lock
from typing import Any

import httpx
import jwt
import pytest

from functions.adapters.jwks import VAIN_SECONDS, KeyNotKnownYet
from functions.adapters.key_source import HttpsKeys
from functions.adapters.tokens import TokenVerifier
from functions.domain.errors import Unauthenticated
from functions.domain.issuer import Issuer
from functions.domain.names import JsonObject
from local import certificates
from tests.unit.identity.forge import b64, ec_key

SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
ROTATIONS = 4
CALLERS = 6
FORGERS = 2
CALLS_PER_STEP = 20


@dataclass
class Provider:
    """The provider's process, and what it publishes at the moment."""

    process: subprocess.Popen[str]
    authority: Path
    url: str = ""

    def turn(self, publish: list[str], sign: str) -> None:
        """Change the keys; the change holds when this returns."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"publish": publish, "sign": sign}) + "\n")
        self.process.stdin.flush()
        self.url = f"https://127.0.0.1:{self.process.stdout.readline().strip()}"


@dataclass
class Clock:
    """Ticks by itself as the machine's does, and is moved ahead besides."""

    ahead: float = 0

    def __call__(self) -> float:
        return datetime.now(UTC).timestamp() + self.ahead


@dataclass
class Tally:
    """What became of the tokens."""

    lock: Lock = field(default_factory=Lock)
    good: Counter[str] = field(default_factory=Counter)
    forged: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)

    def note(self, kind: Counter[str], outcome: str) -> None:
        with self.lock:
            kind[outcome] += 1


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    made = certificates.issue(tmp_path, datetime.now(UTC))
    node = Path(sys.executable).with_name("node")
    command = [str(node), "--no-warnings", str(SCRIPT), str(made.server), str(made.server_key)]
    with (tmp_path / "provider.log").open("w") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        with process:
            yield Provider(process, made.authority)
            assert process.stdin
            process.stdin.close()


def _outcome(verify: Callable[[], Any]) -> str:
    try:
        verify()
    except (Unauthenticated, KeyNotKnownYet) as refused:
        return type(refused).__name__
    return "accepted"


def _forged(token: str, number: int) -> str:
    """A good token, made wrong in one of several ways."""
    header, claims, signature = token.split(".")
    named = jwt.get_unverified_header(token)
    match number % 4:
        case 0:
            head = {**named, "kid": f"invented-{number}"}
            return f"{b64(json.dumps(head).encode())}.{claims}.{signature}"
        case 1:
            said = jwt.decode(token, options={"verify_signature": False})
            return jwt.encode(said, ec_key(), "ES256", headers=named)
        case 2:
            said = jwt.decode(token, options={"verify_signature": False}) | {"team": "platform"}
            return f"{header}.{b64(json.dumps(said).encode())}.{signature}"
    return f"{b64(json.dumps({**named, 'alg': 'none'}).encode())}.{claims}.{signature}"


@dataclass
class Traffic:
    """Callers with good tokens, and forgers beside them, before one verifier."""

    provider: Provider
    verifier: TokenVerifier
    client: httpx.Client
    tally: Tally = field(default_factory=Tally)
    newest: str = ""

    def call(self) -> None:
        """Get a token and use it, as an application does."""
        reply = self.client.post(
            f"{self.provider.url}/token",
            data={"grant_type": "client_credentials", "resource": "urn:agent-gatehouse"},
            auth=("portal", "secret"),
        )
        token = str(reply.raise_for_status().json()["access_token"])
        self.tally.note(self.tally.good, _outcome(lambda: self.verifier.verify(token)))
        self.tally.keys.add(jwt.get_unverified_header(token)["kid"])
        self.newest = token

    def forge(self, over: Event) -> None:
        for number in count():
            if over.is_set():
                return
            token = _forged(self.newest, number)
            self.tally.note(self.tally.forged, _outcome(partial(self.verifier.verify, token)))


@dataclass
class Counted:
    """The issuer's keys over HTTPS, and how often they were fetched."""

    keys: HttpsKeys
    fetches: int = 0

    def __call__(self) -> list[JsonObject]:
        self.fetches += 1
        return self.keys()


def test_rotations_refuse_no_good_token_and_accept_no_forged_one(
    provider: Provider, record_property: Callable[[str, object], None]
) -> None:
    provider.turn(["key-0"], "key-0")
    trust = ssl.create_default_context(cafile=provider.authority)
    issuer = Issuer(
        issuer=provider.url,
        audience="agent-gatehouse",
        algorithms=("ES256",),
        header_typ="at+jwt",
        subject_claim="client_id",
    )
    keys = Counted(HttpsKeys(issuer, ssl.create_default_context(cafile=provider.authority)))
    clock, over, published = Clock(), Event(), ["key-0"]
    with (
        httpx.Client(verify=trust) as client,
        ThreadPoolExecutor(CALLERS + FORGERS) as threads,
    ):
        traffic = Traffic(provider, TokenVerifier((issuer,), lambda _: keys, clock), client)
        traffic.call()
        forgers = [threads.submit(traffic.forge, over) for _ in range(FORGERS)]
        try:
            for number in range(1, ROTATIONS + 1):
                published = [*published[-2:], f"key-{number}"]
                for signing in published[-2:]:
                    provider.turn(published, signing)
                    calls = [threads.submit(traffic.call) for _ in range(CALLS_PER_STEP)]
                    for called in calls:
                        called.result(timeout=60)
                    # What follows is later by as long as a flood may hold a new key up.
                    clock.ahead += VAIN_SECONDS
        finally:
            over.set()
        for forger in forgers:
            forger.result()
    tally = traffic.tally
    record_property("good", dict(tally.good))
    record_property("forged", dict(tally.forged))
    record_property("fetches", keys.fetches)
    assert tally.keys == {f"key-{number}" for number in range(ROTATIONS + 1)}
    assert set(tally.good) == {"accepted"}
    assert set(tally.forged) == {"Unauthenticated", "KeyNotKnownYet"}
    assert keys.fetches <= 1 + 3 * ROTATIONS, "one in vain for each step, and one for each new key"
