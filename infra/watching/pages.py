"""What documents say of alarms: how bad each is, when promises are broken, and what it costs."""

from collections.abc import Callable, Mapping

from infra.cost import ESTATE, REGIONS
from infra.markdown import table, usd
from infra.watching.cost import TYPICAL_AGENT, Watching, watched
from infra.watching.objectives import BURNS, DAY
from infra.watching.sections import SECTIONS


def alarm_sections() -> str:
    """How bad each alarm is, and what silence means for it."""
    rows = [
        (
            f"[{name}](runbook.md#{name})",
            section.severity,
            "yes" if section.ends else "",
            {"notBreaching": "all is well", "breaching": "something is wrong"}[section.silence],
            section.because,
        )
        for name, section in SECTIONS.items()
    ]
    return table(("alarm", "is a", "told when over", "no data means", "because"), rows)


def burn_rates() -> str:
    """The windows in which error budgets are looked at."""
    rows = [
        (
            f"{burn.factor:g}",
            _duration(burn.long_minutes),
            _duration(burn.short_minutes),
            f"{burn.factor * burn.long_minutes / (30 * DAY):.0%}",
            burn.severity,
        )
        for burn in BURNS
    ]
    head = ("times as fast", "over", "and still over", "of the month's budget", "is a")
    return table(head, rows)


def watching_cost() -> str:
    """What alarms and dashboards cost in a month, by region."""
    agent, besides = Watching.of_agent(TYPICAL_AGENT), watched()
    every = besides.plus(agent.times(ESTATE.agents))
    rows = [
        (
            name,
            *(f"{number:,}" for number in (w.metrics, w.composites, w.dashboards)),
            *(usd(w.cost(region)) for region in REGIONS),
        )
        for name, w in (
            ("one agent", agent),
            ("a region without agents", besides),
            (f"**a region with {ESTATE.agents} agents**", every),
        )
    ]
    head = ("what", "metrics in alarms", "alarms made of others", "dashboards", *REGIONS)
    return table(head, rows)


PARTS: Mapping[str, Callable[[], str]] = {
    "alarm-sections": alarm_sections,
    "burn-rates": burn_rates,
    "watching-cost": watching_cost,
}


def _duration(minutes: int) -> str:
    for unit, length in (("d", DAY), ("h", 60)):
        if minutes % length == 0:
            return f"{minutes // length} {unit}"
    return f"{minutes} min"
