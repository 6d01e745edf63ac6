"""Who is told when AWS's own bill behaves unlike before, whatever the ledger says."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.alerts import Address


class CostAnomalies(BaseModel):
    """A monitor over all services of the zone's account, as ``infra/zones.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    addresses: Annotated[tuple[Address, ...], Field(min_length=1, max_length=10)]
    least_usd: Annotated[int, Field(ge=1)] = 100
    """Of what an anomaly costs beyond what was expected; less is told to nobody."""
