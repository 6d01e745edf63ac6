"""How fast an agent's error budget may burn before somebody is told.

These are the windows and factors of the SRE workbook (chapter "Alerting on SLOs"): a budget of
thirty days that burns 14.4 times as fast as it may is down by 2 % in an hour. Of each pair, the
long window says that it matters, and the short one that it still goes on.

An alarm cannot look at one number for three days, so the slowest pair asks for three days in a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.domain import metrics
from functions.domain.agent import AgentManifest
from functions.domain.alerts import Severity
from infra.watching.alarms import Watch
from infra.watching.readings import Formula, Reading, own

DAY = 24 * 60
LEAST_FAULTS = 5
"""In the long window. Two failures of ten runs are no outage, whatever share they are."""
LEAST_RUNS = 20
"""In the long window; a share of fewer runs says nothing about how quick an agent is."""
SECTION = {"page": "error-budget-fast", "ticket": "error-budget-slow"}


@dataclass(frozen=True, slots=True)
class Burn:
    """A rate at which a budget burns, and the two windows in which it is looked for."""

    factor: float
    long_minutes: int
    short_minutes: int
    severity: Severity


BURNS = (
    Burn(14.4, 60, 5, "page"),
    Burn(6, 6 * 60, 30, "page"),
    Burn(3, DAY, 2 * 60, "ticket"),
    Burn(1, 3 * DAY, 6 * 60, "ticket"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two alarms that mean something when both are on."""

    severity: Severity
    long: Watch
    short: Watch


def pairs(manifest: AgentManifest) -> Iterator[Pair]:
    """All pairs of alarms of an agent: each rate, for failing and for being slow."""
    for burn in BURNS:
        yield Pair(burn.severity, *(_failing(manifest, burn, long=long) for long in (True, False)))
        yield Pair(burn.severity, *(_slow(manifest, burn, long=long) for long in (True, False)))


def fault_terms(agent: str) -> dict[str, Reading]:
    """The runs that failed through our fault, and those that could have: refused ones are none."""
    return {
        "bad": own(metrics.FAULTS, agent=agent),
        "valid": own(metrics.LATENCY, "SampleCount", agent=agent),
    }


def quick_share(agent: str, quick_ms: int | str) -> Reading:
    """The percentage of runs that took no longer."""
    return own(metrics.LATENCY, f"PR(:{quick_ms})", agent=agent)


def _failing(manifest: AgentManifest, burn: Burn, *, long: bool) -> Watch:
    rate = "100 * bad / valid"
    guarded = f"IF(bad >= {LEAST_FAULTS}, {rate}, 0)" if long else rate
    budget = 100 - manifest.objectives.availability_percent
    return Watch(
        name=f"availability-{_window(burn, long=long)}",
        section=SECTION[burn.severity],
        says=f"{manifest.name}: Runs fail more than {burn.factor:g} times as often as they may.",
        reading=Formula(expression=guarded, terms=fault_terms(manifest.name)),
        above=round(burn.factor * budget, 4),
        silent=True,
        **_times(burn, long=long),
    )


def _slow(manifest: AgentManifest, burn: Burn, *, long: bool) -> Watch:
    quick_ms = manifest.objectives.quick_ms(manifest.timeout_seconds)
    quick = quick_share(manifest.name, quick_ms)
    valid = fault_terms(manifest.name)["valid"]
    guarded = Formula(
        expression=f"IF(valid >= {LEAST_RUNS}, quick, 100)", terms={"quick": quick, "valid": valid}
    )
    budget = 100 - manifest.objectives.latency_percent
    return Watch(
        name=f"latency-{_window(burn, long=long)}",
        section=SECTION[burn.severity],
        says=(
            f"{manifest.name}: Runs take over {quick_ms} ms more than {burn.factor:g} times as"
            " often as they may."
        ),
        reading=guarded if long else quick,
        below=round(100 - burn.factor * budget, 4),
        silent=True,
        **_times(burn, long=long),
    )


def _times(burn: Burn, *, long: bool) -> dict[str, int]:
    minutes = burn.long_minutes if long else burn.short_minutes
    days = max(1, minutes // DAY)
    return {"minutes": minutes // days, "periods": days}


def _window(burn: Burn, *, long: bool) -> str:
    minutes = burn.long_minutes if long else burn.short_minutes
    for unit, length in (("d", DAY), ("h", 60)):
        if minutes % length == 0:
            return f"{'over' if long else 'still'}-{minutes // length}{unit}"
    return f"{'over' if long else 'still'}-{minutes}m"
