"""An agent's own alarms, besides those of its promises: events late, or waiting for a person."""

from collections.abc import Iterator

from functions.domain import metrics
from functions.domain.agent import AgentManifest
from functions.domain.errors import EventLoop
from infra.watching.alarms import Watch
from infra.watching.readings import OLDEST, VISIBLE, Formula, aws, own

OLDEST_SECONDS = 15 * 60
LAG_SECONDS = 5 * 60
FAILED_PERCENT = 10
NOT_DONE = ("retried", "dead-lettered", "failed")
LATE = frozenset({"failure-rate", "lag", "oldest-message"})
"""The sections of which one alarm for the agent is made."""


def late(manifest: AgentManifest, queue: str) -> Iterator[Watch]:
    """Events that wait or fail at first; one alarm for the agent is made of them."""
    agent = manifest.name
    yield Watch(
        name="oldest-message",
        section="oldest-message",
        says=f"{agent}: A message of this agent waits longer than it should.",
        reading=aws(OLDEST, queue, statistic="Maximum"),
        above=OLDEST_SECONDS,
        silent=True,
    )
    yield Watch(
        name="failure-rate",
        section="failure-rate",
        says=f"{agent}: A tenth of this agent's messages were not done at their first try.",
        reading=_failure_rate(agent),
        above=FAILED_PERCENT,
        periods=3,
        silent=True,
    )
    for type_ in manifest.consumes:
        yield Watch(
            name=f"lag-{type_}",
            section="lag",
            says=f"{agent}: Events of the type {type_} are worked on late.",
            reading=own(metrics.EVENT_LAG, "p95", agent=agent, event=type_),
            above=LAG_SECONDS * 1000,
            periods=3,
            silent=True,
        )


def lost(manifest: AgentManifest, dead_letters: str) -> Iterator[Watch]:
    """What waits for a person, whatever else is wrong."""
    agent = manifest.name
    yield Watch(
        name="dead-letters",
        section="dead-letters",
        says=f"{agent}: A message of this agent failed for good and waits for a person.",
        reading=aws(VISIBLE, dead_letters, statistic="Maximum"),
        above=0,
        minutes=1,
    )
    yield Watch(
        name="event-loop",
        section="event-loop",
        says=f"{agent}: Events of this agent led to one another eight times and were cut.",
        reading=own(metrics.DEAD_LETTERS, agent=agent, reason=EventLoop.slug),
        above=0,
    )
    yield Watch(
        name="unsettled",
        section="unsettled",
        says=f"{agent}: A run of this agent used a model, and the books could not be told.",
        reading=own(metrics.UNSETTLED, agent=agent),
        above=0,
    )


def _failure_rate(agent: str) -> Formula:
    counts = {
        result.replace("-", "_"): own(metrics.DELIVERIES, agent=agent, result=result)
        for result in ("succeeded", *NOT_DONE)
    }
    failed = " + ".join(f"FILL({name.replace('-', '_')}, 0)" for name in NOT_DONE)
    return Formula(expression=f"100 * ({failed}) / ({failed} + FILL(succeeded, 0))", terms=counts)
