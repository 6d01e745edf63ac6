"""Templates as analysers see them, and what people call the resources in them."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.permissions import word

Resource = dict[str, Any]
AGENT = re.compile(r"^agent-.+$")
OF_A_STACK = re.compile(r"gatehouse.*$")
"""What the CDK adds to an id when a resource belongs to one of another stack."""
SHARD = re.compile(r"^(team.*)-\d+$")
"""Stacks of which there are as many as agents, all alike, and those that teams are spread over."""


@dataclass(frozen=True)
class Template:
    """One stack's template in an assembly."""

    stack: str
    region: str
    file: Path

    @cached_property
    def resources(self) -> dict[str, Resource]:
        found: dict[str, Resource] = json.loads(self.file.read_text(encoding="utf-8"))["Resources"]
        return found

    def place(self, logical_id: str) -> str:
        """A resource's name without what differs between regions, agents and teams."""
        part = self.stack.rpartition(f"{self.region}-")[2]
        if shard := SHARD.match(part):
            kind = self.resources[logical_id]["Type"].rpartition("::")[2]
            return f"{shard[1]}-<n>/{kind}"
        return f"{AGENT.sub('agent-<name>', part)}/{OF_A_STACK.sub('', word(logical_id))}"


def templates(assembly: Path) -> list[Template]:
    """The templates of all stacks of an assembly."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    return sorted(
        (
            Template(
                stack=name,
                region=artifact["environment"].rpartition("/")[2],
                file=assembly / artifact["properties"]["templateFile"],
            )
            for name, artifact in manifest["artifacts"].items()
            if artifact["type"] == "aws:cloudformation:stack"
        ),
        key=lambda template: template.stack,
    )
