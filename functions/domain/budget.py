"""Budgets: money is promised before a model is asked, and settled when it has answered.

    available + spent + promised = limit,   available ≥ 0

A promise is an upper bound of what a call can cost, so whatever is spent later was promised
before, and a limit is never passed. A promise names the minute in which its run must be over; what
is still promised when that minute has passed belongs to a run that died, and goes back.

Amounts are whole micro-USD. A budget can be split into shards, so that more runs a second can write
to it (``docs/decisions/0010``); shards are budgets of their own whose limits add up.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.names import AgentName, MicroUsd, Workflow

MICRO = 1_000_000
WHOLE_TEAM = "team"
"""The scope of the limit that every run of a team must keep."""
FIRST_DAY = 24 * 60 * 60
GRACE = timedelta(minutes=1)
"""Clocks differ; no function lives this long beyond its deadline."""

Usd = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Threshold = Literal[50, 80, 100]
Restricting = Literal["suspend", "downgrade"]
"""No further run that costs anything; or runs on the agents' cheap models only."""


class Budget(BaseModel):
    """What a team may spend in a month, as ``infra/teams.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    monthly_usd: Usd
    agents: dict[AgentName, Usd] = {}
    """Less than the team's whole, for some agents."""
    workflows: dict[Workflow, Usd] = {}
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    on_exhausted: Literal["notify"] | Restricting = "notify"
    """What happens besides telling when so much of any of the limits is spent."""
    at_percent: Threshold = 100

    def limits(self, agent: str, workflow: str) -> tuple["Limit", ...]:
        """Every limit that a run of this agent in this workflow must keep."""
        found = [Limit(WHOLE_TEAM, _micro(self.monthly_usd))]
        if agent in self.agents:
            found.append(Limit(f"agent/{agent}", _micro(self.agents[agent])))
        if workflow in self.workflows:
            found.append(Limit(f"workflow/{workflow}", _micro(self.workflows[workflow])))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Limit:
    """So much a month, for the team or for a part of what it does."""

    scope: str
    micro_usd: MicroUsd

    def share(self, shard: int, shards: int) -> MicroUsd:
        """One shard's part; the parts add up to the whole, to the micro-dollar."""
        return MicroUsd(self.micro_usd // shards + (shard < self.micro_usd % shards))


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money promised to one call, in every scope that limits it."""

    team: str
    period: str
    scopes: tuple[str, ...]
    shard: int
    closes: str
    """The minute, such as ``202611020931``, in which the run is certainly over."""
    micro_usd: MicroUsd
    left: MicroUsd | None = None
    """What can still be promised to others, when the books said so."""


def period(at: datetime) -> str:
    """The month to which a moment belongs, in UTC: ``2026-11``."""
    return f"{at.astimezone(UTC):%Y-%m}"


THRESHOLDS: tuple[Threshold, ...] = get_args(Threshold)
"""Percent of a limit; each is told once a month."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of one limit so far, over all its shards."""

    team: str
    period: str
    scope: str
    limit: MicroUsd
    spent: MicroUsd
    promised: MicroUsd
    refused: bool
    """A run was refused for want of money: that is what a full budget means to its users."""
    told: frozenset[int] = frozenset()
    suspended: bool = False
    downgraded: bool = False

    @property
    def used_percent(self) -> float | None:
        """What is spent of the limit, or all of it where a run was refused; unknown of no limit."""
        if not self.limit:
            return None
        used = round(100 * self.spent / self.limit, 2)
        return max(100.0, used) if self.refused else used

    def forecast(self, at: datetime) -> MicroUsd | None:
        """What will be spent by the end of the month if it goes on as until now: a straight line.

        Unknown on a month's first day, of which a line would be drawn through nearly nothing, and
        of a month that is over.
        """
        gone, whole = _seconds_of_month(at)
        if period(at) != self.period or gone < FIRST_DAY:
            return None
        return MicroUsd(self.spent * whole // gone)

    def to_tell(self) -> list[int]:
        """The thresholds that are reached and were not told yet."""
        reached = [t for t in THRESHOLDS if self.spent * 100 >= self.limit * t]
        if self.refused and THRESHOLDS[-1] not in reached:
            reached.append(THRESHOLDS[-1])
        return [threshold for threshold in reached if threshold not in self.told]


def seconds_to_next_period(at: datetime) -> int:
    """How long an exhausted budget stays exhausted."""
    gone, whole = _seconds_of_month(at)
    return whole - gone + 1


def _seconds_of_month(at: datetime) -> tuple[int, int]:
    """How many have passed, and how many there are."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (start + timedelta(days=32)).replace(day=1)
    return int((at - start).total_seconds()), int((following - start).total_seconds())


def closing_minute(deadline: datetime) -> str:
    """The first whole minute by which a run with this deadline cannot be alive."""
    return f"{deadline.astimezone(UTC) + GRACE + timedelta(minutes=1):%Y%m%d%H%M}"


def shard_order(run_id: str, shards: int) -> list[int]:
    """The shards a run tries, its own first, so that runs spread without a shared counter."""
    first = int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:4]) % shards
    return [(first + step) % shards for step in range(shards)]


def _micro(usd: Decimal) -> MicroUsd:
    return MicroUsd(int(usd * MICRO))
