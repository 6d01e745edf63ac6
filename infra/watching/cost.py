"""What watching costs: alarms by the metric, alarms that are made of others, dashboards."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from functions.domain.agent import AgentManifest
from infra.cost import ESTATE, FILE
from infra.prices import aws_prices
from infra.watching.agent_alarms import late, lost
from infra.watching.alarms import Watch
from infra.watching.function_alarms import of_function
from infra.watching.objectives import pairs

OF_AN_AGENT = 3
"""Alarms of an agent that are made of others: two for its promises, one for its events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """So much of what CloudWatch charges for each month."""

    metrics: int
    """That alarms look at: an alarm on a formula is charged for each of its terms."""
    composites: int
    dashboards: int

    @classmethod
    def of_agent(cls, manifest: AgentManifest) -> "Watching":
        """What one agent adds to a region."""
        burning = [watch for pair in pairs(manifest) for watch in (pair.long, pair.short)]
        own = [*burning, *late(manifest, "queue"), *lost(manifest, "dead letters")]
        function = of_function("queue", "function", 60)
        metrics = _metrics([*own, *function])
        return cls(metrics=metrics, composites=OF_AN_AGENT, dashboards=1)

    def plus(self, other: "Watching") -> "Watching":
        return Watching(
            metrics=self.metrics + other.metrics,
            composites=self.composites + other.composites,
            dashboards=self.dashboards + other.dashboards,
        )

    def times(self, number: int) -> "Watching":
        return Watching(
            metrics=self.metrics * number,
            composites=self.composites * number,
            dashboards=self.dashboards * number,
        )

    def cost(self, region: str) -> float:
        """US dollars a month."""
        prices = aws_prices()
        return (
            prices["alarm-metric"].cost(self.metrics, region)
            + prices["composite-alarm"].cost(self.composites, region)
            + prices["dashboard"].cost(self.dashboards, region)
        )


TYPICAL_AGENT = AgentManifest(
    name="typical",
    version="1.0.0",
    title="An agent",
    description="What the page about cost reckons with.",
    owner="nobody@example.com",
    roles=frozenset({"typical:run"}),
    models={"eu": ("eu.model-v1",)},
    consumes=tuple(f"typical.event{'_' * number}" for number in range(ESTATE.event_types)),
)


@cache
def watched() -> Watching:
    """What there is in a region besides its agents, as counted in its templates."""
    return Watching(**tomllib.loads(FILE.read_text(encoding="utf-8"))["watching"])


def _metrics(watches: Iterable[Watch]) -> int:
    return sum(watch.metrics for watch in watches)
