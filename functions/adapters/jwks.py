"""Keeps an issuer's keys: fresh while it answers, known ones for hours while it does not.

    the key is known and fresh      ──▶ used
    known, five minutes old         ──▶ fetched again; used as it is while the issuer is away
    not known                       ──▶ fetched again, but in vain only once in thirty seconds

Powertools' own cache forgets all keys when they are five minutes old and the issuer is away, and
has no seam for another (docs/decisions/0017-an-outage-of-the-identity-provider-is-not-ours.md).
Ages are told by the wall clock: a frozen function's monotonic clock may stand still.
"""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Lock

import jwt

from functions.adapters.key_source import KeysUnavailable
from functions.domain.errors import Unauthenticated
from functions.domain.names import JsonObject

log = logging.getLogger(__name__)

FRESH_SECONDS = 300
STALE_SECONDS = 4 * 3600
"""For an outage of hours; a key that was withdrawn meanwhile is still believed so long."""
VAIN_SECONDS = 30
"""Between two fetches that found no such key, and between attempts while old keys serve."""
RETRY_SECONDS = 5
"""Between attempts while there is no key to go on with."""
NEVER = float("-inf")
KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class KeyNotKnownYet(Exception):
    """The keys were looked up in vain a moment ago; this one may have been published since."""


class KeySet:
    """The keys that an issuer published at one time."""

    def __init__(self, keys: Sequence[JsonObject] = (), fetched_at: float = NEVER) -> None:
        self.fetched_at = fetched_at
        self._keys = keys
        self._ids = frozenset(key["kid"] for key in keys if isinstance(key.get("kid"), str))
        self._chosen: dict[tuple[str, str], jwt.PyJWK] = {}

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._ids

    def choose(self, key_id: str, algorithm: str) -> jwt.PyJWK:
        """The one key of this name that may verify this algorithm.

        Raises:
            Unauthenticated: there is none, there are several, or it is too weak.
        """
        if (key_id, algorithm) not in self._chosen:
            self._chosen[key_id, algorithm] = self._only(key_id, algorithm)
        return self._chosen[key_id, algorithm]

    def _only(self, key_id: str, algorithm: str) -> jwt.PyJWK:
        fitting = [key for key in self._keys if key.get("kid") == key_id and _fits(key, algorithm)]
        if len(fitting) == 1:
            key = _loaded(fitting[0], algorithm)
            if key and not key.Algorithm.check_key_length(key.key):
                return key
        msg = "The token's key is not exactly one strong key that its issuer signs with so."
        raise Unauthenticated(msg)


class KeyCache:
    """The keys of one issuer, for all calls of an execution environment."""

    def __init__(
        self, fetch: Callable[[], Sequence[JsonObject]], now: Callable[[], float] = time.time
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = Lock()
        self._held = KeySet()
        self._failed_at = NEVER
        self._vain_at = NEVER

    def find(self, key_id: str, algorithm: str) -> jwt.PyJWK:
        """The issuer's key of this name.

        Raises:
            Unauthenticated: the issuer has no such key for this algorithm.
            KeyNotKnownYet: it had none a moment ago.
            KeysUnavailable: it does not say, and there is no key to go on with.
        """
        held = self._held
        if key_id not in held or not self._within(FRESH_SECONDS, held.fetched_at):
            with self._lock:
                held = self._renewed(key_id)
        return held.choose(key_id, algorithm)

    def _renewed(self, key_id: str) -> KeySet:
        """The keys to use, fetched if need be; whoever waited for the lock finds them there."""
        held, known = self._held, key_id in self._held
        if known and self._within(FRESH_SECONDS, held.fetched_at):
            return held
        if not known and self._within(VAIN_SECONDS, self._vain_at):
            raise KeyNotKnownYet
        serving = self._within(STALE_SECONDS, held.fetched_at)
        pause = VAIN_SECONDS if serving else RETRY_SECONDS
        if self._within(pause, self._failed_at) or not self._fetched():
            if known and serving:
                return held
            raise KeysUnavailable
        if key_id not in self._held:
            self._vain_at = self._held.fetched_at
        return self._held

    def _fetched(self) -> bool:
        # What is published while the issuer answers may be missing in its answer.
        began = self._now()
        try:
            self._held = KeySet(self._fetch(), began)
        except KeysUnavailable as error:
            log.warning("the keys of an issuer cannot be fetched: %s", error)
            self._failed_at = self._now()
            return False
        return True

    def _within(self, seconds: float, then: float) -> bool:
        return 0 <= self._now() - then < seconds


def _fits(key: JsonObject, algorithm: str) -> bool:
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == KEY_TYPES[algorithm[:2]]
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        # Whoever publishes a private key has lost it.
        and "d" not in key
    )


def _loaded(key: JsonObject, algorithm: str) -> jwt.PyJWK | None:
    try:
        return jwt.PyJWK.from_dict(key, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None  # no key at all, or one of another curve
