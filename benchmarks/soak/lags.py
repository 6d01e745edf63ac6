"""How long events took: from their own time to the time of the first answer to them."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from benchmarks.soak.inbox import Answer


def lags(answers: Iterable[Answer], published: Mapping[str, datetime]) -> dict[str, timedelta]:
    """The lag of every published event that was answered."""
    found: dict[str, timedelta] = {}
    for answer in answers:
        if answer.job in published:
            lag = answer.at - published[answer.job]
            found[answer.job] = min(lag, found.get(answer.job, lag))
    return found


def percentile(lags: Iterable[timedelta], percent: int) -> timedelta:
    """The smallest lag that so many percent do not exceed; zero of none."""
    ordered = sorted(lags)
    if not ordered:
        return timedelta()
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]


def median(lags: Iterable[timedelta]) -> timedelta:
    return percentile(lags, 50)
