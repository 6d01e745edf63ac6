"""What an agent promises to those who call it, and how much of that may be broken in a month.

An objective is a share of runs: so many must not fail through our fault, so many must be quick.
What is left to a hundred is the error budget. ``infra/watching/objectives.py`` says how fast it may
burn.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Promised = Annotated[float, Field(ge=95, le=99.99)]
"""In percent. Below 95, an outage could not burn the budget fast enough to wake anybody."""


class Objectives(BaseModel):
    """The service level of one agent, as ``agent.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    availability_percent: Promised = 99.5
    """Of the runs that were not refused, those that must not fail with a status of 500 or more."""
    latency_percent: Promised = 95.0
    """Of the same runs, those that must be quick."""
    latency_ms: Annotated[int, Field(ge=100, le=840_000)] | None = None
    """What is quick; half of the agent's timeout unless it is said."""

    def quick_ms(self, timeout_seconds: int) -> int:
        """Up to how many milliseconds a run of an agent with this timeout is quick."""
        return self.latency_ms or timeout_seconds * 500
