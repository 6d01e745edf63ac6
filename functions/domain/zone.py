"""Residency: a zone owns regions, and names the models that may see its data.

Zones are data (``infra/zones.toml``). An agent may only name models that its zone allows, and a
model id that routes to the whole world is never allowed.
"""

import tomllib
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    model_validator,
)

from functions.domain.alerts import Alerts
from functions.domain.audit_policy import AuditPolicy
from functions.domain.cost_anomalies import CostAnomalies
from functions.domain.edge import Edge
from functions.domain.issuer import Issuer
from functions.domain.log import Logs
from functions.domain.names import ModelId, RegionName, ZoneName
from functions.domain.origin import Origins
from functions.domain.span_export import SpanExport, encrypted


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


PolicyArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+$")
]
SecondDetector = Annotated[ComprehendDetection | GuardrailDetection, Field(discriminator="service")]


class Reconciling(BaseModel):
    """With what the zone's ledgers are reconciled every night, and when that wakes somebody."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tolerance_percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(1)
    tolerance_usd: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    """Of the two, the larger one is tolerated."""
    invocation_logs: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.#/-]{1,512}$")] | None = None
    """The log group of Bedrock's model invocation logging, where that is on."""
    cost_explorer: bool = False
    """Whether the bill is looked at too; it tells business units apart by their profiles only."""


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
    origins: Origins = ()
    """Whose pages may call the zone from a browser (CORS); nobody's unless they are named."""
    second_detector: SecondDetector | None = None
    """A service that is asked for personal data besides our own detector; none unless named."""
    telemetry: Annotated[SpanExport, AfterValidator(encrypted)] | None = None
    """Where spans go; without it none are exported."""
    edge: Edge = Edge()
    """How the zone's API is reached, and what stands before it."""
    permissions_boundary: PolicyArn | None = None
    """What no role of the zone may ever pass, whatever its own policies say; none unless named."""
    audit: AuditPolicy = AuditPolicy()
    """How long the audit trail is kept, how firmly, and where else it goes."""
    alerts: Alerts = Alerts()
    """Who is told when an alarm goes off."""
    logs: Logs = Logs()
    """How much the zone's functions log."""
    reconciliation: Reconciling = Reconciling()
    cost_anomalies: CostAnomalies | None = None
    """Who is told when the account's bill behaves unlike before; nobody unless they are named."""
    inference_profiles: Literal["business-unit"] | None = None
    """Whether each business unit calls models by tagged inference profiles of its own."""

    @model_validator(mode="after")
    def _is_billed_by_what_it_compares(self) -> Self:
        if self.reconciliation.cost_explorer and not self.inference_profiles:
            msg = 'cost_explorer tells business units apart by inference_profiles = "business-unit"'
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_alerts_for_each_region(self) -> Self:
        self.alerts.check(self.regions)
        return self

    @model_validator(mode="after")
    def _has_an_edge_for_each_region(self) -> Self:
        self.edge.check(self.regions, self.base_url.host)
        return self

    @model_validator(mode="after")
    def _has_a_boundary_of_its_own_account(self) -> Self:
        if self.permissions_boundary:
            owner = self.permissions_boundary.split(":")[4]
            if owner not in {"aws", self.account}:
                msg = f"permissions_boundary: a policy of the account {self.account}, not {owner}"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _has_a_secret_for_each_region(self) -> Self:
        splunk = self.audit.splunk
        if splunk and set(splunk.secrets) != set(self.regions):
            wanted = ", ".join(sorted(self.regions))
            msg = f"audit.splunk.secrets: name one for each region of the zone ({wanted})"
            raise ValueError(msg)
        return self

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
