"""Usage plans: how fast and how often the owner of an API key may call.

API Gateway applies throttles and quotas on a best-effort basis and may let more through; here they
are exact, so what passes locally can only pass more easily there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from local.gateway_responses import INVALID_API_KEY, QUOTA_EXCEEDED, THROTTLED, Refused

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class TokenBucket:
    """Lets ``burst`` calls through at once and ``rate`` calls a second in the long run."""

    def __init__(self, *, rate: float, burst: int, now: Clock) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._tokens = float(burst)
        self._seen = now()
        self._lock = Lock()

    def take(self) -> bool:
        with self._lock:
            now = self._now()
            elapsed = (now - self._seen).total_seconds()
            self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
            self._seen = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class Quota:
    """Lets ``limit`` calls through in each calendar day, week or month (in UTC)."""

    def __init__(self, *, limit: int, period: str, now: Clock) -> None:
        self._limit = limit
        self._period = period
        self._now = now
        self._used = 0
        self._began = period_start(now(), period)
        self._lock = Lock()

    def take(self) -> bool:
        with self._lock:
            began = period_start(self._now(), self._period)
            if began != self._began:
                self._began, self._used = began, 0
            if self._used >= self._limit:
                return False
            self._used += 1
            return True


def period_start(now: datetime, period: str) -> datetime:
    """When the period that holds this moment began."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "DAY":
            return midnight
        case "WEEK":
            return midnight - timedelta(days=(midnight.weekday() + 1) % 7)  # weeks begin on Sunday
        case "MONTH":
            return midnight.replace(day=1)
    msg = f"a quota's period is DAY, WEEK or MONTH, not {period!r}"
    raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Limits:
    throttle: TokenBucket | None
    quota: Quota | None


class Usage:
    """Counts the calls of every key; a plan's limits hold for each of its keys by itself."""

    def __init__(
        self, keys: Mapping[str, str], plans: Mapping[str, Mapping[str, Any]], now: Clock = utc_now
    ) -> None:
        self._keys = keys
        self._limits = {key_id: _limits(plan, now) for key_id, plan in plans.items()}

    def admit(self, value: str | None) -> str:
        """Count one call for the key of this value, and return the key's id.

        Raises:
            Refused: there is no such key in a plan of this stage, or its limits are used up.
        """
        key_id = self._keys.get(value or "")
        if key_id not in self._limits:
            raise Refused(INVALID_API_KEY)
        limits = self._limits[key_id]
        if limits.throttle and not limits.throttle.take():
            raise Refused(THROTTLED)
        if limits.quota and not limits.quota.take():
            raise Refused(QUOTA_EXCEEDED)
        return key_id


def _limits(plan: Mapping[str, Any], now: Clock) -> _Limits:
    quota = plan.get("Quota")
    return _Limits(
        throttle(plan.get("Throttle", {}), "RateLimit", "BurstLimit", now),
        Quota(limit=int(quota["Limit"]), period=quota["Period"], now=now) if quota else None,
    )


def throttle(given: Mapping[str, Any], rate: str, burst: str, now: Clock) -> TokenBucket | None:
    """A bucket for the limits that a template states under these names, if it does."""
    if rate not in given or burst not in given:
        return None
    return TokenBucket(rate=float(given[rate]), burst=int(given[burst]), now=now)
