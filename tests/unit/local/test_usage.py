"""Throttles and quotas of usage plans, on a clock of their own."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.gateway_responses import Refused
from local.usage import Quota, TokenBucket, Usage, period_start
from tests.unit.local.apis import Clock

KEYS = {"key-of-retail": "1", "key-of-helpdesk": "2", "key-without-plan": "3"}


def admitted(usage: Usage, key: str, times: int) -> int:
    """How many of some calls are let through."""
    count = 0
    for _ in range(times):
        try:
            usage.admit(key)
        except Refused:
            continue
        count += 1
    return count


def test_a_bucket_lets_the_burst_through_and_then_the_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(rate=2, burst=5, now=clock)
    assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
    clock.move(seconds=0.5)
    assert [bucket.take() for _ in range(2)] == [True, False]


@given(st.lists(st.floats(0, 100), max_size=50), st.integers(1, 20), st.floats(0.1, 20))
def test_a_bucket_never_lets_more_through_than_burst_plus_rate(
    pauses: list[float], burst: int, rate: float
) -> None:
    clock = Clock()
    bucket = TokenBucket(rate=rate, burst=burst, now=clock)
    passed = 0
    for pause in pauses:
        clock.move(seconds=pause)
        passed += bucket.take()
    assert passed <= burst + rate * sum(pauses) + 1e-3


def test_a_quota_begins_anew_with_its_period() -> None:
    clock = Clock()
    quota = Quota(limit=2, period="DAY", now=clock)
    assert [quota.take() for _ in range(3)] == [True, True, False]
    clock.move(hours=12)
    assert quota.take()


@pytest.mark.parametrize(
    ("period", "began"), [("DAY", (11, 22)), ("WEEK", (11, 22)), ("MONTH", (11, 1))]
)
def test_periods_begin_at_midnight_weeks_on_sunday(period: str, began: tuple[int, int]) -> None:
    sunday_noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert period_start(sunday_noon, period) == datetime(2026, *began, tzinfo=UTC)


def test_a_week_lasts_until_saturday() -> None:
    saturday = datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert period_start(saturday, "WEEK") == datetime(2026, 11, 22, tzinfo=UTC)


def test_an_unknown_period_is_an_error() -> None:
    with pytest.raises(ValueError, match="DAY, WEEK or MONTH"):
        period_start(datetime.now(UTC), "YEAR")


def test_a_plans_limits_hold_for_each_key_by_itself() -> None:
    plan = {"Throttle": {"RateLimit": 1, "BurstLimit": 3}}
    usage = Usage(KEYS, {"1": plan, "2": plan}, Clock())
    assert admitted(usage, "key-of-retail", 10) == 3
    assert admitted(usage, "key-of-helpdesk", 10) == 3


@pytest.mark.parametrize("key", [None, "", "unheard-of", "key-without-plan"])
def test_a_key_without_a_plan_is_refused(key: str | None) -> None:
    with pytest.raises(Refused) as refused:
        Usage(KEYS, {"1": {}}, Clock()).admit(key)
    assert refused.value.kind.response_type == "INVALID_API_KEY"


def test_a_throttled_call_does_not_count_against_the_quota() -> None:
    clock = Clock()
    plan = {
        "Throttle": {"RateLimit": 1, "BurstLimit": 1},
        "Quota": {"Limit": 2, "Period": "MONTH"},
    }
    usage = Usage(KEYS, {"1": plan}, clock)
    assert admitted(usage, "key-of-retail", 5) == 1
    clock.move(seconds=1)
    assert admitted(usage, "key-of-retail", 5) == 1
