"""Everything that a synth is made from, read and checked before the first construct exists.

A model that may leave its zone, a model without a price or an event without a contract is refused
here, in a fraction of a second and in one sentence, rather than in a deployed region.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.agents import discover
from functions.domain.agent import AgentManifest
from functions.domain.edge import RATE_SECONDS
from functions.domain.names import JsonObject
from functions.domain.pricing import price_list
from functions.domain.roles import OF_ROUTES
from functions.domain.team import Team, Teams
from functions.domain.zone import Zone, Zones
from infra import budgets, flags, stages
from infra.geography import leaves
from infra.place import Place
from infra.stages import DEFAULT, FILE, Stage

ROOT = Path(__file__).parent.parent
"""The checkout: bundles, layers and templates are built from it and into it."""


class Refused(Exception):
    """The configuration must not be deployed; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where configuration is read from. Tests point it at folders of their own."""

    agents: Path = ROOT / "functions" / "agents"
    events: Path = ROOT / "events"
    flags: Path = ROOT / "infra" / "flags.json"
    teams: Path = ROOT / "infra" / "teams.toml"
    zones: Path = ROOT / "infra" / "zones.toml"
    stages: Path = FILE
    stage: str = DEFAULT

    @classmethod
    def of(cls, stage: str, file: Path = FILE) -> "Sources":
        """The files that a stage names.

        Raises:
            Refused: there is no such stage.
        """
        found, home = _stage(file, stage), file.parent
        return cls(
            flags=home / found.flags,
            teams=home / found.teams,
            zones=home / found.zones,
            stages=file,
            stage=stage,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """The zones, teams and agents of one deployment, known to fit each other."""

    sources: Sources
    zones: Zones
    teams: Teams
    agents: tuple[AgentManifest, ...]
    flags: JsonObject
    stage: Stage
    neighbours: Mapping[str, stages.Places]
    """Where the other stages are."""

    @classmethod
    def read(cls, sources: Sources | None = None) -> "Blueprint":
        """Read and check the configuration.

        Raises:
            Refused: something in it must not be deployed.
        """
        sources = sources or Sources()
        try:
            blueprint = cls(
                sources=sources,
                zones=Zones.parse(sources.zones.read_text(encoding="utf-8")),
                teams=Teams.parse(sources.teams.read_text(encoding="utf-8")),
                agents=discover(sources.agents),
                flags=flags.read(sources.flags),
                stage=_stage(sources.stages, sources.stage),
                neighbours=stages.neighbours(sources.stages, sources.stage),
            )
        except (OSError, ValueError) as error:
            raise Refused(str(error)) from error
        problems = [*blueprint._problems()]
        if problems:
            raise Refused("\n".join(problems))
        return blueprint

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(region for zone in self.zones.zones.values() for region in zone.regions)

    def place(self, zone: Zone, region: str) -> Place:
        """Where a region's stacks stand, and how this stage wants them."""
        shared = zone.account in stages.shared_accounts(self.zones, self.neighbours)
        return Place(zone, region, self.stage, shares_account=shared)

    def agents_of(self, zone: Zone) -> tuple[AgentManifest, ...]:
        return tuple(agent for agent in self.agents if zone.name in agent.models)

    def teams_of(self, zone: Zone) -> tuple[Team, ...]:
        return tuple(team for team in self.teams.teams.values() if team.zone == zone.name)

    def _problems(self) -> Iterator[str]:
        yield from stages.problems(self.zones, self.neighbours)
        for team in self.teams.teams.values():
            if team.zone not in self.zones.zones:
                yield f"team {team.name}: there is no zone {team.zone!r} ({self._known_zones})"
        for zone in self.zones.zones.values():
            yield from _problems_of_zone(zone)
            yield from self._problems_of_firewall(zone)
        yield from budgets.problems(
            self.zones.zones.values(), self.teams.teams.values(), self.agents
        )
        yield from flags.problems(self.flags, [agent.name for agent in self.agents])
        yield from self._problems_of_roles()
        for agent in self.agents:
            yield from self._problems_of_models(agent)
            yield from self._problems_of_events(agent)

    def _problems_of_firewall(self, zone: Zone) -> Iterator[str]:
        allowed = zone.edge.firewall.requests_per_address
        for name, tier in self.teams.tiers.items():
            if tier.requests_per_second * RATE_SECONDS > allowed:
                yield (
                    f"zone {zone.name}: the firewall stops an address at {allowed} requests in"
                    f" {RATE_SECONDS} seconds, and a team of the tier {name} may send"
                    f" {tier.requests_per_second * RATE_SECONDS}: raise requests_per_address"
                )

    def _problems_of_roles(self) -> Iterator[str]:
        """A misspelt role would let nobody in, and say so to callers only."""
        known = OF_ROUTES.union(*(agent.roles for agent in self.agents))
        for team in self.teams.teams.values():
            for role in sorted(team.roles - known):
                yield (
                    f"team {team.name}: no agent or route asks for the role {role!r};"
                    f" these are asked for: {', '.join(sorted(known))}"
                )

    def _problems_of_models(self, agent: AgentManifest) -> Iterator[str]:
        for zone_name, models in agent.models.items():
            zone = self.zones.zones.get(zone_name)
            if zone is None:
                yield f"agent {agent.name}: there is no zone {zone_name!r} ({self._known_zones})"
                continue
            for model in models:
                yield from _problems_of_model(f"agent {agent.name}", model, zone)
                if model not in zone.models:
                    yield (
                        f"agent {agent.name}: the zone {zone.name} does not allow the model"
                        f" {model!r}; zones.toml lists: {', '.join(sorted(zone.models))}"
                    )

    def _problems_of_events(self, agent: AgentManifest) -> Iterator[str]:
        emitted = (agent.emits,) if agent.emits else ()
        for type_ in (*agent.consumes, *emitted):
            if not (self.sources.events / type_).is_dir():
                yield (
                    f"agent {agent.name}: the event {type_!r} has no contract;"
                    f" add the folder events/{type_}/"
                )

    @property
    def _known_zones(self) -> str:
        return f"zones.toml has: {', '.join(self.zones.zones)}"


def _stage(file: Path, name: str) -> Stage:
    try:
        return stages.read(file).named(name)
    except (OSError, ValueError) as error:
        raise Refused(str(error)) from error


def _problems_of_zone(zone: Zone) -> Iterator[str]:
    for model in sorted(zone.models):
        yield from _problems_of_model("zones.toml", model, zone)


def _problems_of_model(who: str, model: str, zone: Zone) -> Iterator[str]:
    where = leaves(model, zone.regions)
    if where:
        yield f"{who}: the model {model!r} may run in {where}, outside the zone {zone.name}"
    if model not in price_list(zone.name):
        yield (
            f"{who}: the model {model!r} of the zone {zone.name} has no price;"
            " add it to functions/domain/prices.toml"
        )
