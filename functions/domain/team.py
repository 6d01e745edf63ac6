"""Who calls, and who pays: the caller of a run and the team whose limits and ledger it meets.

Teams are data (``infra/teams.toml``); a deploy carries the file to every function.
"""

import tomllib
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.alerts import Address
from functions.domain.budget import Budget
from functions.domain.callback import WebhookHost
from functions.domain.names import RoleName, TeamName, ZoneName

VISITORS_KEY = "gatehouse-visitors-of-other-zones"
"""Meters callers who came to the wrong zone, together: they only need to be told where to go."""


class Limits(BaseModel):
    """What API Gateway lets one team send; its own key enforces it, a tier is shared by many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    requests_per_second: Annotated[int, Field(ge=1, le=10_000)]
    burst: Annotated[int, Field(ge=1, le=5_000)]
    requests_per_month: Annotated[int, Field(ge=1)]


class Team(BaseModel):
    """Who pays for a run and whose limits apply to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: TeamName
    zone: ZoneName
    business_unit: Annotated[str, Field(min_length=1, max_length=64)]
    cost_centre: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,32}$")]
    tier: Annotated[str, Field(pattern=r"^[a-z]+$")]
    budget: Budget
    enabled: bool = True
    """The team's kill switch: when false, none of its runs begins."""
    roles: frozenset[RoleName] = frozenset()
    """What the team's own events may do: a message has no token to carry roles."""
    alerts: Annotated[tuple[Address, ...], Field(max_length=4)] = ()
    """Who is written to when its budget runs low; a group's address rather than a person's."""
    webhook_hosts: frozenset[WebhookHost] = frozenset()
    """Where its callers may have results sent."""

    def gateway_key_in(self, zone: str) -> str:
        """The key that meters the team where it has come to."""
        return self.gateway_key if zone == self.zone else VISITORS_KEY

    @property
    def gateway_key(self) -> str:
        """The API Gateway key that meters the team: an identifier, not a secret.

        The stage takes keys from the authorizer only, so sending this value opens nothing.
        API Gateway wants 20 to 128 characters.
        """
        return f"gatehouse-team-key-{self.zone}-{self.name}"


class Teams(BaseModel):
    """All teams and the tiers of limits they share, as ``infra/teams.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tiers: dict[str, Limits]
    teams: dict[TeamName, Team]

    @classmethod
    def parse(cls, text: str) -> "Teams":
        """Read the TOML text; a team's name is its table's name, its tier must exist."""
        data = tomllib.loads(text)
        teams = {name: {**entry, "name": name} for name, entry in data.get("teams", {}).items()}
        parsed = cls.model_validate({**data, "teams": teams})
        for team in parsed.teams.values():
            if team.tier not in parsed.tiers:
                known = ", ".join(sorted(parsed.tiers))
                msg = f"teams.{team.name}.tier: there is no tier {team.tier!r}; tiers are: {known}"
                raise ValueError(msg)
        return parsed

    def get(self, name: str) -> Team | None:
        return self.teams.get(name)

    def of_zone(self, zone: str) -> frozenset[str]:
        """The names of the teams whose data belongs to a zone."""
        return frozenset(team.name for team in self.teams.values() if team.zone == zone)


class Caller(BaseModel):
    """The authenticated subject of a run, as the authorizer or the event's team says it."""

    model_config = ConfigDict(frozen=True)
    subject: Annotated[str, Field(min_length=1, max_length=256)]
    team: TeamName
    zone: ZoneName
    roles: frozenset[str] = frozenset()
    issuer: str | None = None
    """Who vouched for the subject; an event has nobody's token."""

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "Caller":
        """Read what :meth:`to_context` wrote."""
        roles = str(context.get("roles", "")).split()
        return cls.model_validate({**context, "roles": frozenset(roles)})

    def to_context(self) -> dict[str, str]:
        """Flat strings: all that an API Gateway authorizer may pass on."""
        roles = " ".join(sorted(self.roles))
        told = {"subject": self.subject, "team": self.team, "zone": self.zone, "roles": roles}
        return told | ({"issuer": self.issuer} if self.issuer else {})
