"""What becomes of a message whose run failed: it comes again later, or a person must read it.

Trying again is for what may pass by itself. Each wait is several times the one before, so that a
model which is down for ten minutes costs a few tries and no message.
"""

from functions.domain.errors import GatehouseError

MAX_RECEIVES = 5
"""How often a message is tried; the queue itself stops there too, for functions that crash."""
FIRST_WAIT_SECONDS = 5
WAITS_GROW_BY = 5
LONGEST_WAIT_SECONDS = 900
"""What must wait longer, such as for the next month's budget, is for a person to bring back."""


def seconds_until_retry(error: GatehouseError, receives: int, jitter: float) -> int | None:
    """When to try a message again, or None if it must not be.

    Args:
        error: why its run failed.
        receives: how often it was received so far, this time included.
        jitter: evenly between 0 and 1, so that what failed together does not come back together.
    """
    asked = error.retry_after_seconds or 0
    if not error.retryable or receives >= MAX_RECEIVES or asked > LONGEST_WAIT_SECONDS:
        return None
    longest = float(FIRST_WAIT_SECONDS * WAITS_GROW_BY ** (receives - 1))
    wait = asked + longest * (1 + jitter) / 2
    return min(LONGEST_WAIT_SECONDS, max(1, round(wait)))
