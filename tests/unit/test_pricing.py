"""Prices are data with a date: a run is charged at that of its time, in whole micro-dollars."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.domain.pricing import Price, PriceList, Usage, all_prices, price_list, read_prices

ENTRY = """
[[price]]
zone = "{zone}"
model = "eu.test.model-v1:0"
since = {since}
input = {input}
output = 5_000_000
cache_read = 100_000
cache_write = 1_250_000
cache_write_hour = 2_000_000
source = "a page"
verified = 2026-11-22
"""
MODEL = "eu.test.model-v1:0"
COUNT = st.integers(0, 10_000_000)
USAGES = st.builds(Usage, **dict.fromkeys(Usage.model_fields, COUNT))


def entry(since: str, price: int = 1_000_000, zone: str = "eu") -> str:
    return ENTRY.format(since=since, input=price, zone=zone)


def price() -> Price:
    (found,) = read_prices(entry("2026-01-01"))
    return found


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_run_is_charged_at_the_price_of_its_time() -> None:
    prices = PriceList(
        read_prices(
            entry("2026-01-01", 1)
            + entry("2026-07-01", 2)
            + entry("2026-07-01T08:00:00+02:00", 3)
            + entry("2026-09-01", 4)
        )
    )
    found = {
        moment: prices.of(MODEL, at(moment)).input
        for moment in (
            "2026-06-30T23:59:59.999999+00:00",
            "2026-07-01T00:00:00+00:00",
            "2026-07-01T05:59:59+00:00",
            "2026-07-01T06:00:00+00:00",
            "2026-08-31T23:59:59+00:00",
            "2026-09-01T00:00:00+00:00",
        )
    }
    assert list(found.values()) == [1, 2, 2, 3, 3, 4]


def test_a_day_begins_at_midnight_in_utc_wherever_the_clock_hangs() -> None:
    prices = PriceList(read_prices(entry("2026-01-01", 1) + entry("2026-07-01", 2)))
    sydney = timezone(timedelta(hours=10))

    assert prices.of(MODEL, datetime(2026, 7, 1, 9, tzinfo=sydney)).input == 1
    assert prices.of(MODEL, datetime(2026, 7, 1, 10, tzinfo=sydney)).input == 2


def test_before_its_first_price_a_model_has_none() -> None:
    prices = PriceList((price(),))

    assert MODEL in prices
    with pytest.raises(LookupError, match=r"eu\.test\.model"):
        prices.of(MODEL, datetime(2025, 12, 31, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    "again", ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"]
)
def test_two_prices_since_one_moment_are_refused(again: str) -> None:
    with pytest.raises(ValueError, match=r"two prices .* since 2026-01-01T00:00:00Z"):
        PriceList(read_prices(entry("2026-01-01") + entry(again, 2)))


@pytest.mark.parametrize(
    "wrong",
    [
        entry("2026-01-01T00:00:00"),
        entry("2026-01-01", 0),
        entry("2026-01-01").replace('source = "a page"', ""),
        entry("2026-01-01").replace("verified = 2026-11-22", ""),
        entry("2026-01-01") + "discount = 3\n",
    ],
    ids=["a moment without a zone", "free", "no source", "never verified", "an unknown field"],
)
def test_a_price_that_cannot_be_relied_on_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError):
        read_prices(wrong)


def test_a_zone_has_prices_of_its_own() -> None:
    zones = {p.zone for p in all_prices()}
    assert zones == {"eu", "us"}
    for zone in zones:
        mine = price_list(zone)
        assert [p.model in mine for p in all_prices()] == [p.zone == zone for p in all_prices()]


def test_the_committed_prices_keep_the_providers_ratios() -> None:
    """Of the list price: a tenth to read the cache, 1.25 to write it, twice for an hour."""
    for found in all_prices():
        assert found.cache_read * 10 == found.input
        assert found.cache_write * 4 == found.input * 5
        assert found.cache_write_hour == found.input * 2
        assert found.output == found.input * 5
        assert found.source.startswith("https://")


@given(USAGES)
def test_a_cost_is_exact_and_rounded_up_once(usage: Usage) -> None:
    charged, of = price().cost(usage), price()
    exact = Fraction(
        usage.input_tokens * of.input
        + usage.output_tokens * of.output
        + usage.cache_read_tokens * of.cache_read
        + usage.cache_write_tokens * of.cache_write
        + usage.cache_write_hour_tokens * of.cache_write_hour,
        1_000_000,
    )
    assert 0 <= charged - exact < 1


@given(USAGES, USAGES)
def test_usage_adds_up_by_kind(one: Usage, other: Usage) -> None:
    both = (one + other).by_kind()
    assert both == {kind: n + other.by_kind()[kind] for kind, n in one.by_kind().items()}


def test_an_hour_in_the_cache_is_written_only_when_there_was_one() -> None:
    """A record that an older function reads must not have a field that it does not know."""
    assert "cache_write_hour_tokens" not in Usage(input_tokens=1).model_dump()
    kept = Usage(cache_write_hour_tokens=5)
    assert Usage.model_validate(kept.model_dump()) == kept
