"""Residency: a zone owns regions, and names the models that may see its data.

Zones are data (``infra/zones.toml``). An agent may only name models that its zone allows, and a
model id that routes to the whole world is never allowed.
"""

import tomllib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, model_validator

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


class ComprehendDetection(BaseModel):
    """Amazon Comprehend finds personal data too, in the zone's own regions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: Literal["comprehend"]
    language: Literal["en", "es"] = "en"
    """What texts are read as; Comprehend knows personal data in these two only."""
    least_score: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Findings of which Comprehend is less sure are left out."""


class GuardrailDetection(BaseModel):
    """Guardrails of Amazon Bedrock find personal data too, each region's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: Literal["guardrail"]
    guardrails: dict[
        RegionName, Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+:[1-9][0-9]{0,7}$")]
    ]
    """By region, ``id:version``. A guardrail belongs to its region; a draft would change unseen."""


SecondDetector = Annotated[ComprehendDetection | GuardrailDetection, Field(discriminator="service")]


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
    second_detector: SecondDetector | None = None
    """A service that is asked for personal data besides our own detector; none unless named."""

    @model_validator(mode="after")
    def _has_a_guardrail_for_each_region(self) -> Self:
        match self.second_detector:
            case GuardrailDetection(guardrails=guardrails) if set(guardrails) != set(self.regions):
                wanted, named = ", ".join(sorted(self.regions)), ", ".join(sorted(guardrails))
                msg = f"name one guardrail for each region of the zone ({wanted}), not for {named}"
                raise ValueError(msg)
        return self


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
