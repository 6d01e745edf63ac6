"""A cloud assembly as tests read it: templates with their region, resources by their type."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Resource = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack's template, where it is deployed, and what it uploads."""

    name: str
    region: str
    file: Path

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def resources(self) -> dict[str, Resource]:
        found: dict[str, Resource] = json.loads(self.text)["Resources"]
        return found

    @property
    def outputs(self) -> str:
        return json.dumps(json.loads(self.text).get("Outputs", {}))

    def of_type(self, type_: str) -> dict[str, Resource]:
        """Properties of the resources of a type, by logical id."""
        return {
            id_: resource["Properties"]
            for id_, resource in self.resources.items()
            if resource["Type"] == type_
        }

    def asset(self, properties: Resource) -> Path:
        """The folder that a function or a layer is uploaded from."""
        code = properties.get("Code") or properties["Content"]
        return self.file.parent / f"asset.{code['S3Key'].removesuffix('.zip')}"


def templates(assembly: Path) -> list[Template]:
    """Every template of a cloud assembly."""
    return sorted(_read(assembly), key=lambda template: template.name)


def _read(assembly: Path) -> Iterator[Template]:
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] == "aws:cloudformation:stack":
            region = artifact["environment"].rpartition("/")[2]
            yield Template(name, region, assembly / artifact["properties"]["templateFile"])


def each(found: list[Template], type_: str) -> Iterator[tuple[Template, str, Resource]]:
    """Every resource of a type; there must be one, or a rule about them would say nothing."""
    resources = [(t, id_, r) for t in found for id_, r in t.of_type(type_).items()]
    assert resources, f"no template has an {type_}"
    yield from resources


def entrypoint(function: Resource) -> str:
    """The module of ``functions.entrypoints`` that a function runs."""
    return str(function["Handler"]).split(".")[2]
