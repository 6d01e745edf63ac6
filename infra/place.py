"""Where a stack stands: one region of one residency zone."""

from dataclasses import dataclass

from functions.domain.zone import Zone


@dataclass(frozen=True, slots=True)
class Place:
    """A region and the zone that owns it."""

    zone: Zone
    region: str

    def stack_name(self, part: str) -> str:
        """The name of a stack here: ``cdk deploy 'gatehouse-<region>-*'`` takes one region."""
        return f"gatehouse-{self.region}-{part.replace('_', '-')}"
