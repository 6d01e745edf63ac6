"""What a zone may say of its audit trail in ``infra/zones.toml``."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.domain.names import RegionName

SecretArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*?]+$"
    ),
]


class Splunk(BaseModel):
    """Splunk's HTTP Event Collector, to which the trail goes besides S3."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    endpoint: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(:[0-9]{1,5})?$")]
    """Without a path: Firehose adds its own."""
    secrets: dict[RegionName, SecretArn]
    """By region, the ARN of the secret with ``{"hec_token": "…"}``."""
    acknowledgement_seconds: Annotated[int, Field(ge=180, le=600)] = 300
    """How long to wait until Splunk has said that it indexed a batch."""
    retry_seconds: Annotated[int, Field(ge=0, le=7200)] = 3600

    @model_validator(mode="after")
    def _keeps_secrets_at_home(self) -> Self:
        for region, arn in self.secrets.items():
            if arn.split(":")[3] != region:
                msg = f"the secret for {region} must be one of that region"
                raise ValueError(msg)
        return self


class AuditPolicy(BaseModel):
    """How long lines are kept, how firmly, and where else they go."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    """A year, and a month to look at it."""
    object_lock: Literal["none", "governance", "compliance"] = "none"
    """With ``compliance`` nobody can delete a line before its time, not even the account's root."""
    splunk: Splunk | None = None
