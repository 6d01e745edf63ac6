"""Loads a cloud assembly: the stacks of one region, as synthesis wrote them.

The assembly is all that the runner knows about the product. Stacks come in the order in which they
would be deployed, each with its template and with the folders of its assets by the key under
which a template names them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]


class TemplateError(Exception):
    """The assembly cannot be run locally; the message says where and what to do."""


@dataclass(frozen=True)
class Stack:
    """One synthesized stack."""

    name: str
    account: str
    region: str
    template: JsonObject
    assets: Mapping[str, Path]
    """Folder or file of each asset, by its object key in the assets bucket."""

    @property
    def resources(self) -> Mapping[str, JsonObject]:
        found: Mapping[str, JsonObject] = self.template.get("Resources", {})
        return found


def load(folder: Path, region: str) -> tuple[Stack, ...]:
    """The stacks of a region in the order of their dependencies.

    Raises:
        TemplateError: there is no assembly, or it has no stack for this region.
    """
    manifests = list(_manifests(folder))
    artifacts = {
        (at, id_): artifact
        for at, manifest in manifests
        for id_, artifact in manifest.get("artifacts", {}).items()
    }
    order = TopologicalSorter(
        {key: [(key[0], d) for d in a.get("dependencies", [])] for key, a in artifacts.items()}
    )
    found = tuple(
        _stack(key[0], key[1], artifacts[key])
        for key in order.static_order()
        if key in artifacts and _is_stack_of(artifacts[key], region)
    )
    if not found:
        msg = f"{folder} has no stack for {region}: run 'python -m infra.synth --region {region}'"
        raise TemplateError(msg)
    return found


def _manifests(folder: Path) -> Iterator[tuple[Path, JsonObject]]:
    """The assembly's manifest and those of the assemblies nested in it (one per CDK stage)."""
    path = folder / "manifest.json"
    if not path.is_file():
        msg = f"{path} does not exist: run 'python -m infra.synth' first"
        raise TemplateError(msg)
    manifest = _read(path)
    yield folder, manifest
    for artifact in manifest.get("artifacts", {}).values():
        if artifact["type"] == "cdk:cloud-assembly":
            yield from _manifests(folder / artifact["properties"]["directoryName"])


def _is_stack_of(artifact: JsonObject, region: str) -> bool:
    return artifact["type"] == "aws:cloudformation:stack" and _place(artifact)[1] == region


def _place(artifact: JsonObject) -> tuple[str, str]:
    """Account and region of ``aws://account/region``."""
    account, region = artifact["environment"].removeprefix("aws://").split("/")
    return account, region


def _stack(folder: Path, id_: str, artifact: JsonObject) -> Stack:
    properties = artifact["properties"]
    account, region = _place(artifact)
    template = folder / properties["templateFile"]
    name = properties.get("stackName", id_)
    manifest = template.with_name(template.name.replace(".template.json", ".assets.json"))
    return Stack(name, account, region, _read(template), dict(_assets(manifest)))


def _assets(manifest: Path) -> Iterator[tuple[str, Path]]:
    if not manifest.is_file():
        return
    for asset in _read(manifest).get("files", {}).values():
        path = manifest.parent / asset["source"]["path"]
        for destination in asset["destinations"].values():
            yield destination["objectKey"], path


def _read(path: Path) -> JsonObject:
    data: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return data
