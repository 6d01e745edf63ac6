"""The alarms that every function has: it fails, is held up by its limits, or runs out of time."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.watching.alarms import Watch
from infra.watching.readings import (
    DURATION,
    FUNCTION_ERRORS,
    INVOCATIONS,
    THROTTLES,
    Formula,
    aws,
)

MOST_PERCENT_OF_TIMEOUT = 90


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many calls may fail before it is a fault."""

    percent: float = 5
    calls: int = 3
    """Fewer than these in five minutes are none, whatever share they are."""


CALLED = Tolerance()
BY_THE_CLOCK = Tolerance(calls=1)
TOLERANCES: Mapping[str, Tolerance] = {
    # A token whose key is not known yet is refused by an error, the only 401 that API Gateway
    # does not remember. Whoever invents keys must not be able to raise an alarm.
    "authorizer": Tolerance(percent=50, calls=100),
    "exporter": BY_THE_CLOCK,
    "reconciler": BY_THE_CLOCK,
    "sweeper": BY_THE_CLOCK,
}
"""By entrypoint, where it is not as with most."""


def of_function(entrypoint: str, function: str, timeout_seconds: float) -> tuple[Watch, ...]:
    """The alarms of a function, by the name that CloudFormation gives it."""
    tolerance = TOLERANCES.get(entrypoint, CALLED)
    calls = {"failed": aws(FUNCTION_ERRORS, function), "calls": aws(INVOCATIONS, function)}
    return (
        Watch(
            name=f"{entrypoint}-errors",
            section="function-errors",
            says=f"{entrypoint}: calls of the function fail.",
            reading=Formula(
                expression=f"IF(failed >= {tolerance.calls}, 100 * failed / calls, 0)", terms=calls
            ),
            above=tolerance.percent,
            periods=3 if tolerance.calls > 1 else 1,
            breaching=2 if tolerance.calls > 1 else None,
        ),
        Watch(
            name=f"{entrypoint}-throttled",
            section="function-throttled",
            says=f"{entrypoint}: calls wait or are refused, since too many run at a time.",
            reading=aws(THROTTLES, function),
            above=0,
            periods=3,
        ),
        Watch(
            name=f"{entrypoint}-slow",
            section="function-slow",
            says=f"{entrypoint}: calls take nearly all the time that they have.",
            reading=aws(DURATION, function, statistic="p99"),
            above=timeout_seconds * 10 * MOST_PERCENT_OF_TIMEOUT,
            periods=3,
        ),
    )
