"""Small hand-written cloud assemblies: what CDK writes, less what no test needs."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from local import resources
from local.resources import Resource
from local.template import Stack, load

REGION = "eu-central-1"
ACCOUNT = "111122223333"
ENDPOINT = "http://aws.local"

Body = Mapping[str, Any]


def res(type_: str, /, **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    return {"Type": f"AWS::{type_}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def stack(name: str = "shop", assets: Mapping[str, Path] | None = None, **template: Any) -> Stack:
    return Stack(name, ACCOUNT, REGION, template, assets or {})


def resolved(*stacks: Stack) -> dict[str, Resource]:
    """All resources of some stacks, by logical id."""
    return {r.logical_id: r for r in resources.of(stacks, ENDPOINT)}


def only(resource: Body, **others: Body) -> Resource:
    """The resource ``It`` of a stack, with others that it may refer to."""
    return resolved(stack(Resources={"It": resource, **others}))["It"]


class Assembly:
    """Writes an assembly's files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._artifacts: dict[str, Any] = {}

    def add(
        self,
        name: str,
        template: Body,
        *,
        region: str = REGION,
        depends_on: Iterable[str] = (),
        bundles: Mapping[str, Path] | None = None,
    ) -> "Assembly":
        """Add a stack; its bundles lie in the assembly as ``asset.<key>``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.template.json").write_text(json.dumps(template))
        files = {
            key: {
                "source": {"path": str(path)},
                "destinations": {"here": {"objectKey": f"{key}.zip"}},
            }
            for key, path in (bundles or {}).items()
        }
        (self.folder / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        self._artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{ACCOUNT}/{region}",
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": [*depends_on],
        }
        return self.write()

    def nest(self, name: str, inner: "Assembly") -> "Assembly":
        directory = str(inner.folder.relative_to(self.folder))
        self._artifacts[name] = {
            "type": "cdk:cloud-assembly",
            "properties": {"directoryName": directory},
        }
        return self.write()

    def write(self) -> "Assembly":
        self.folder.mkdir(parents=True, exist_ok=True)
        manifest = {"artifacts": self._artifacts}
        (self.folder / "manifest.json").write_text(json.dumps(manifest))
        return self

    def load(self, region: str = REGION) -> tuple[Stack, ...]:
        return load(self.folder, region)
