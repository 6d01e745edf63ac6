"""What each team has of its own, in a fixed number of stacks: its key, its webhooks' secret.

A stack holds 500 resources and a team needs two or three. A team's stack follows from its name
alone, so a team that comes or goes never moves another's key: API Gateway would refuse the same key
twice.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from aws_cdk import CfnWaitConditionHandle
from constructs import Construct

from functions.domain.team import Team
from infra.constructs.meter_key import MeterKey
from infra.constructs.region_keys import Keys
from infra.constructs.webhook_secret import WebhookSecret
from infra.place import Place
from infra.stacks.regional import RegionalStack

SHARDS = 8
"""Room for some 1,600 teams in a zone, or 1,000 if all of them receive webhooks.

Changing it moves keys between stacks: see the decision.
"""


def shards(teams: Iterable[Team], count: int = SHARDS) -> Iterator[tuple[int, tuple[Team, ...]]]:
    """Every shard and its teams, also the empty ones: a key must go when its last team goes."""
    by_shard: dict[int, list[Team]] = {number: [] for number in range(count)}
    for team in sorted(teams, key=lambda team: team.name):
        by_shard[_shard(team.name, count)].append(team)
    yield from ((number, tuple(members)) for number, members in by_shard.items())


class TeamsStack(RegionalStack):
    """The keys of one shard's teams, each in the usage plan of its tier, and their secrets."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        shard: int,
        teams: tuple[Team, ...],
        plan_ids: Mapping[str, str],
        keys: Keys,
    ) -> None:
        super().__init__(
            scope, f"teams-{shard}", place=place, description="Agent Gatehouse: keys of teams"
        )
        # CloudFormation takes no stack without a resource, and this one costs and does nothing.
        CfnWaitConditionHandle(self, "Placeholder")
        for team in teams:
            MeterKey(
                self,
                team.name,
                value=team.gateway_key,
                description=f"Meters the team {team.name}; the authorizer names it.",
                plan_id=plan_ids[team.tier],
            )
            if team.webhook_hosts:
                WebhookSecret(self, f"{team.name}-webhooks", team=team.name, keys=keys)


def _shard(name: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % count
