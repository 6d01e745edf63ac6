"""What becomes of a team's runs when much of its money is gone, as the team itself wants it.

    told of a limit (Reached) ── the team's policy ──→ a Restriction, or nothing

A restriction stands on the month's budget, so it ends with the month. Telling twice restricts once.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from functions.domain.budget import WHOLE_TEAM, Restricting
from functions.domain.team import Team

Teller = Literal["ledger", "alarm", "bill"]
"""Who says so: the gatehouse's own ledger, a CloudWatch alarm on it, or AWS Budgets."""


class Downgraded(Exception):
    """The limit takes cheap models only. It is caught where models are chosen, never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """So much of a limit is gone."""

    team: str
    period: str
    scope: str = WHOLE_TEAM
    percent: int
    teller: Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What is done about it until the month is over, or until somebody lifts it."""

    team: str
    period: str
    scope: str
    percent: int
    action: Restricting
    teller: Teller

    @property
    def id(self) -> str:
        """The same for the same, however often it is told."""
        what = f"{self.team} {self.period} {self.scope} {self.action} {self.percent}"
        return hashlib.sha256(what.encode()).hexdigest()[:32]


def restriction(reached: Reached, team: Team) -> Restriction | None:
    """What the team's policy makes of it."""
    policy = team.budget
    if policy.on_exhausted == "notify" or reached.percent < policy.at_percent:
        return None
    return Restriction(
        team=team.name,
        period=reached.period,
        scope=reached.scope,
        percent=reached.percent,
        action=policy.on_exhausted,
        teller=reached.teller,
    )
