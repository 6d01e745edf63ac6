"""Residency: a zone owns regions, and names the models that may see its data.

Zones are data (``infra/zones.toml``). An agent may only name models that its zone allows, and a
model id that routes to the whole world is never allowed.
"""

import tomllib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from functions.domain.names import ModelId, RegionName, ZoneName


class Issuer(BaseModel):
    """An identity provider whose access tokens a zone accepts, and where its claims stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    issuer: Annotated[str, Field(pattern=r"^https://")]
    audience: Annotated[str, Field(min_length=1)]
    algorithms: tuple[str, ...] = ("RS256",)
    jwks_uri: Annotated[str, Field(pattern=r"^https://")] | None = None
    """Found through OpenID discovery when absent."""
    team_claim: str = "team"
    roles_claim: str = "roles"
    zone_claim: str | None = None
    """Without one, the zone is the team's."""


class Zone(BaseModel):
    """A residency area: data of its teams stays in its regions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ZoneName
    account: Annotated[str, Field(pattern=r"^\d{12}$")]
    regions: tuple[RegionName, ...] = Field(min_length=1)
    base_url: HttpUrl
    """Where the zone's callers go; told to a caller who came to the wrong one."""
    models: frozenset[ModelId] = Field(min_length=1)
    issuers: tuple[Issuer, ...] = Field(min_length=1)


class Zones(BaseModel):
    """All zones, as ``infra/zones.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zones: dict[ZoneName, Zone]

    @classmethod
    def parse(cls, text: str) -> "Zones":
        """Read the TOML text; a zone's name is its table's name, a region has one zone."""
        data = tomllib.loads(text)
        zones = {name: {**entry, "name": name} for name, entry in data.get("zones", {}).items()}
        parsed = cls.model_validate({**data, "zones": zones})
        regions = [region for zone in parsed.zones.values() for region in zone.regions]
        twice = sorted({region for region in regions if regions.count(region) > 1})
        if twice:
            msg = f"zones.toml: a region belongs to one zone only; named twice: {', '.join(twice)}"
            raise ValueError(msg)
        return parsed

    def of_region(self, region: str) -> Zone:
        """The zone that owns a region."""
        for zone in self.zones.values():
            if region in zone.regions:
                return zone
        known = ", ".join(r for zone in self.zones.values() for r in zone.regions)
        msg = f"no zone owns the region {region!r}; zones.toml has: {known}"
        raise ValueError(msg)
