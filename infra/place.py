"""Where a stack stands: one region of one residency zone."""

from dataclasses import dataclass
from typing import TypedDict

from functions.domain.log import LogLevel
from functions.domain.span_export import SpanExport
from functions.domain.zone import Zone
from infra.stages import KEEPING, Stage


class Common(TypedDict):
    """What the settings of all functions have."""

    zone: str
    region: str
    stage: str
    log_level: LogLevel
    log_debug_share: float
    traces: SpanExport | None


@dataclass(frozen=True, slots=True)
class Place:
    """A region and the zone that owns it."""

    zone: Zone
    region: str
    stage: Stage = KEEPING
    shares_account: bool = False
    """Whether another stage is in this account too, in other regions."""

    def settings(self) -> Common:
        """What every function here is told."""
        logs = self.zone.logs
        return {
            "zone": self.zone.name,
            "region": self.region,
            "stage": self.stage.name,
            "log_level": logs.level,
            "log_debug_share": logs.debug_share,
            "traces": self.spans,
        }

    @property
    def spans(self) -> SpanExport | None:
        """Where the spans of every function here go, if the zone wants any."""
        return self.zone.telemetry.in_region(self.region) if self.zone.telemetry else None

    def stack_name(self, part: str) -> str:
        """The name of a stack here: ``cdk deploy 'gatehouse-<region>-*'`` takes one region."""
        stage = f"{self.stage.name}-" if self.shares_account else ""
        return f"gatehouse-{stage}{self.region}-{part.replace('_', '-')}"
