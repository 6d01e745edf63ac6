"""What a deploy uploads: bundles of our code and layers of third-party code, as folders."""

from dataclasses import dataclass
from pathlib import Path

from infra.blueprint import Blueprint
from infra.bundle import BUILD, bundles
from infra.layers import layer
from infra.place import Place


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Folders by what they are for."""

    bundles: dict[str, Path]
    functions_layer: Path
    authorizer_layer: Path

    @classmethod
    def build(cls, blueprint: Blueprint, out: Path = BUILD) -> "Artifacts":
        """Write every bundle to a folder, and every layer whose lock has changed."""
        return cls(
            bundles=bundles(blueprint, out),
            functions_layer=layer("functions", "aws"),
            authorizer_layer=layer("authorizer", "aws"),
        )

    def http(self, place: Place) -> Path:
        return self.bundles[f"http-{place.zone.name}"]

    def queue(self, agent: str) -> Path:
        return self.bundles[f"queue-{agent}"]

    @property
    def reconciler(self) -> Path:
        return self.bundles["reconciler"]

    @property
    def exporter(self) -> Path:
        return self.bundles["exporter"]

    @property
    def usage(self) -> Path:
        return self.bundles["usage"]

    @property
    def budget_guard(self) -> Path:
        return self.bundles["budget_guard"]

    @property
    def sweeper(self) -> Path:
        return self.bundles["sweeper"]

    @property
    def webhooks(self) -> Path:
        return self.bundles["webhooks"]

    @property
    def authorizer(self) -> Path:
        return self.bundles["authorizer"]
