"""What a caller may still send and spend, as ``RateLimit`` headers say it.

The fields are those of the IETF's draft-ietf-httpapi-ratelimit-headers-10. API Gateway counts
requests and tells nobody how many are left, so of those only the policy is told; the money that is
left is known from every run that reserved some.
"""

from datetime import datetime

from functions.domain.budget import seconds_to_next_period
from functions.domain.errors import BudgetExhausted
from functions.domain.run import Run
from functions.domain.team import Limits, Team

MONTH_SECONDS = 30 * 24 * 3600
"""A quota's window, roughly: months differ, and a quota begins anew with each."""


def rate_limit(
    run: Run, limits: Limits, now: datetime, error: Exception | None = None
) -> dict[str, str]:
    """The two headers; the second only when it is known what is left."""
    headers = {"RateLimit-Policy": policy(run.team, limits)}
    left = 0 if isinstance(error, BudgetExhausted) else run.meter.budget_left
    if left is not None:
        headers["RateLimit"] = f'"budget";r={left};t={seconds_to_next_period(now)}'
    return headers


def policy(team: Team, limits: Limits) -> str:
    """The limits that a team must keep; the budget counts in micro-USD."""
    budget = team.budget.limits(agent="", workflow="")[0].micro_usd
    return ", ".join(
        (
            f'"second";q={limits.requests_per_second};w=1',
            f'"month";q={limits.requests_per_month};w={MONTH_SECONDS}',
            f'"budget";q={budget};qu="micro-usd";w={MONTH_SECONDS}',
        )
    )
