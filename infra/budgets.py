"""What cannot be right about budgets, found before anything is deployed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from functions.domain.agent import AgentManifest
from functions.domain.bedrock_tags import tag
from functions.domain.team import Team
from functions.domain.zone import Zone

MOST_ADDRESSES = 10
"""AWS Budgets writes to no more for one notification."""


def problems(
    zones: Iterable[Zone], teams: Iterable[Team], agents: Iterable[AgentManifest]
) -> Iterator[str]:
    zones, teams = tuple(zones), tuple(teams)
    for agent in agents:
        yield from _without_a_cheap_model(agent, teams)
    for zone in zones:
        if zone.inference_profiles:
            yield from _with_too_many_addresses(zone, teams)
    watched = Counter(zone.account for zone in zones if zone.cost_anomalies)
    for account, count in watched.items():
        if count > 1:
            yield (
                f"zones.toml: {count} zones of the account {account} have cost_anomalies, and one"
                " monitor watches the whole account: leave it with one of them"
            )


def units(teams: Iterable[Team]) -> Mapping[str, tuple[Team, ...]]:
    """Teams by their business unit, as the bill calls it."""
    found: dict[str, tuple[Team, ...]] = {}
    for team in sorted(teams, key=lambda team: team.name):
        unit = tag(team.business_unit)
        found[unit] = (*found.get(unit, ()), team)
    return found


def addresses(teams: Iterable[Team]) -> list[str]:
    """Everybody who is written to for any of some teams, once."""
    return sorted({address for team in teams for address in team.alerts})


def _without_a_cheap_model(agent: AgentManifest, teams: tuple[Team, ...]) -> Iterator[str]:
    for zone, models in agent.models.items():
        downgraded = [
            team.name
            for team in teams
            if team.zone == zone and team.budget.on_exhausted == "downgrade"
        ]
        if downgraded and len(models) > 1 and zone not in agent.cheap:
            yield (
                f"agent {agent.name}: the team {downgraded[0]} is to be downgraded to its cheap"
                f" model, and it names none in {zone}: add [cheap] with one of its models"
            )


def _with_too_many_addresses(zone: Zone, teams: tuple[Team, ...]) -> Iterator[str]:
    here = (team for team in teams if team.zone == zone.name)
    for unit, members in units(here).items():
        if len(named := addresses(members)) > MOST_ADDRESSES:
            yield (
                f"teams.toml: the teams of {unit} in {zone.name} name {len(named)} addresses in"
                f" alerts, and AWS Budgets writes to {MOST_ADDRESSES}: use the address of a group"
            )
