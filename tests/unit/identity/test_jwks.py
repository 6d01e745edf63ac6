"""An issuer's keys through rotations, outages and floods of invented key ids."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest

from functions.adapters.jwks import (
    FRESH_SECONDS,
    RETRY_SECONDS,
    STALE_SECONDS,
    VAIN_SECONDS,
    KeyCache,
    KeyNotKnownYet,
)
from functions.adapters.key_source import KeysUnavailable
from functions.domain.errors import Unauthenticated
from functions.domain.names import JsonObject
from tests.unit.identity.forge import NOW, jwk, rsa_key

HOUR = 3600


@dataclass
class FakeIssuer:
    """Publishes keys, or is away; counts how often it is asked."""

    ids: list[str] = field(default_factory=lambda: ["old"])
    away: bool = False
    asked: int = 0
    now: float = NOW

    def __call__(self) -> Sequence[JsonObject]:
        self.asked += 1
        if self.away:
            raise KeysUnavailable("login.example.com: TimeoutError")
        return [jwk(rsa_key(), key_id) for key_id in self.ids]


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()


@pytest.fixture
def keys(issuer: FakeIssuer) -> KeyCache:
    return KeyCache(issuer, lambda: issuer.now)


def look(keys: KeyCache, key_id: str) -> str:
    """What becomes of a token with a key of this name."""
    try:
        keys.find(key_id, "RS256")
    except (Unauthenticated, KeyNotKnownYet, KeysUnavailable) as error:
        return type(error).__name__
    return "found"


def test_keys_are_fetched_once_and_again_when_they_are_not_fresh(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    for _ in range(100):
        assert look(keys, "old") == "found"
    assert issuer.asked == 1
    issuer.now += FRESH_SECONDS
    assert look(keys, "old") == "found"
    assert issuer.asked == 2


def test_known_keys_serve_through_an_hour_without_the_issuer(
    issuer: FakeIssuer, keys: KeyCache, caplog: pytest.LogCaptureFixture
) -> None:
    assert look(keys, "old") == "found"
    issuer.away = True
    for _ in range(2 * HOUR):
        issuer.now += 1
        assert look(keys, "old") == "found"
    assert issuer.asked - 1 <= 2 * HOUR / VAIN_SECONDS
    assert "login.example.com: TimeoutError" in caplog.text


def test_an_issuer_that_comes_back_is_asked_within_half_a_minute(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    look(keys, "old")
    issuer.away = True
    issuer.now += HOUR
    look(keys, "old")
    issuer.away, issuer.ids = False, ["new"]
    issuer.now += VAIN_SECONDS
    assert [look(keys, name) for name in ("new", "old")] == ["found", "Unauthenticated"]


def test_keys_that_nobody_confirmed_for_hours_are_not_believed(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    look(keys, "old")
    issuer.away = True
    issuer.now += STALE_SECONDS - 1
    assert look(keys, "old") == "found"
    issuer.now += 1
    assert look(keys, "old") == "KeysUnavailable"


def test_an_environment_that_starts_during_an_outage_tries_every_few_seconds(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    issuer.away = True
    for _ in range(60):
        assert look(keys, "old") == "KeysUnavailable"
        issuer.now += 1
    assert issuer.asked == 60 / RETRY_SECONDS
    issuer.away = False
    issuer.now += RETRY_SECONDS
    assert look(keys, "old") == "found"


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_a_thousand_invented_key_ids_cause_one_fetch_in_half_a_minute(
    warm: bool,  # noqa: FBT001  # a parameter of the test
    issuer: FakeIssuer,
    keys: KeyCache,
) -> None:
    if warm:
        look(keys, "old")
    asked = issuer.asked
    for number in range(1000):
        expected = "KeyNotKnownYet" if number else "Unauthenticated"
        assert look(keys, f"invented-{number}") == expected
        assert look(keys, "old") == "found"
    assert issuer.asked - asked == 1
    issuer.now += VAIN_SECONDS
    assert look(keys, "invented-again") == "Unauthenticated"
    assert issuer.asked - asked == 2


def test_a_thousand_invented_key_ids_during_an_outage_cause_no_more_fetches(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    look(keys, "old")
    issuer.away = True
    found = {look(keys, f"invented-{number}") for number in range(1000)}
    assert found == {"KeysUnavailable"}
    assert issuer.asked == 2
    assert look(keys, "old") == "found"


def test_rotations_in_quick_succession_are_followed_at_once(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    """Only a fetch in vain is waited for: one that found its key was no attack."""
    for number in range(20):
        issuer.ids = [f"key-{number}"]
        issuer.now += 1
        assert look(keys, f"key-{number}") == "found"
    assert issuer.asked == 20
    assert look(keys, "key-18") == "Unauthenticated"


def test_a_key_that_was_published_during_a_flood_is_found_half_a_minute_later(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    look(keys, "invented")
    issuer.ids = ["old", "new"]
    assert look(keys, "new") == "KeyNotKnownYet"
    issuer.now += VAIN_SECONDS
    assert look(keys, "new") == "found"


def test_a_withdrawn_key_is_refused_as_soon_as_the_keys_are_fetched_again(
    issuer: FakeIssuer, keys: KeyCache
) -> None:
    look(keys, "old")
    issuer.ids = ["new"]
    issuer.now += FRESH_SECONDS
    assert look(keys, "old") == "Unauthenticated"


def test_a_clock_that_was_set_back_makes_no_key_fresh(issuer: FakeIssuer, keys: KeyCache) -> None:
    look(keys, "old")
    issuer.now -= HOUR
    assert look(keys, "old") == "found"
    assert issuer.asked == 2


def test_threads_that_need_keys_at_once_share_one_fetch(issuer: FakeIssuer) -> None:
    keys, together = KeyCache(issuer, lambda: issuer.now), Barrier(16)

    def ask(_: int) -> str:
        together.wait(10)
        return look(keys, "old")

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(ask, range(16))) == {"found"}
    assert issuer.asked == 1


@pytest.mark.parametrize(
    "publish",
    [
        lambda key: [],
        lambda key: [key, key],
        lambda key: [{**key, "kid": ["old"]}],
        lambda key: [{**key, "kid": "OLD"}],
    ],
    ids=["none", "twice", "a list for a name", "in capitals"],
)
def test_a_key_is_one_key_of_exactly_its_name(
    publish: Callable[[JsonObject], list[JsonObject]],
) -> None:
    keys = KeyCache(lambda: publish(jwk(rsa_key(), "old")), lambda: NOW)
    with pytest.raises(Unauthenticated):
        keys.find("old", "RS256")
