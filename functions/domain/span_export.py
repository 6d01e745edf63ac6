"""Where a zone's spans go, how many of them, and for how long a call may wait for it."""

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CLOUDWATCH = re.compile(
    r"https://xray(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/v1/traces"
)
CHINA = "cn-"


class SpanExport(BaseModel):
    """An OTLP/HTTP endpoint for spans; each region's own CloudWatch unless another is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    endpoint: Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+[^\s?#@]*$")] | None = None
    """The whole address, with its path, such as ``https://otlp.example.com/v1/traces``."""
    headers_secret: Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.-]{1,200}$")] | None = None
    """The name of a secret in Secrets Manager whose value is a JSON object of HTTP headers."""
    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Of the traces that begin here; a caller's trace is followed as its caller decided."""
    flush_milliseconds: Annotated[int, Field(ge=100, le=2000)] = 300
    """The most that a call of a function waits for its spans to be taken."""

    @model_validator(mode="after")
    def _needs_a_receiver_for_its_headers(self) -> Self:
        if self.headers_secret and (self.endpoint is None or self.aws_region):
            msg = "headers_secret: name the endpoint that takes them; CloudWatch takes signatures"
            raise ValueError(msg)
        return self

    def in_region(self, region: str) -> "SpanExport":
        """The same, with the endpoint that holds for a region."""
        if self.endpoint:
            return self
        suffix = ".cn" if region.startswith(CHINA) else ""
        own = f"https://xray.{region}.amazonaws.com{suffix}/v1/traces"
        return self.model_copy(update={"endpoint": own})

    @property
    def aws_region(self) -> str | None:
        """The region whose CloudWatch it is, which takes signed requests only; else None."""
        found = CLOUDWATCH.fullmatch(self.endpoint or "")
        return found["region"] if found else None


def encrypted(export: SpanExport) -> SpanExport:
    """Refuse an endpoint to which spans and tokens would travel in plain text."""
    if export.endpoint and not export.endpoint.startswith("https://"):
        msg = "endpoint: spans leave this account, so it must begin with https://"
        raise ValueError(msg)
    return export
