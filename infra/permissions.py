"""Who may do what, read off the templates and written down for people.

    python -m infra.permissions → docs/permissions.md

A test compares the page with the templates. It shows one region, since all are built alike; the
region and the account are left out of what it names.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from infra.blueprint import ROOT
from infra.synth import assembly

PAGE = ROOT / "docs" / "permissions.md"
HEAD = """# What each function may do

Read off the templates of one region by `python -m infra.permissions`; a test compares this page
with them. Every function has a role of its own, whose policies are the only ones: no managed
policy, no wildcard in an action. Keys are used only through the service that is named, and only for
what the role may reach anyway. Where a resource has a `*` or is everything, the last table says
why. Resources are called by their ids in the templates; all agents of a region are built alike.

A zone can put a [permissions boundary](deploy.md#a-permissions-boundary) around all these roles.
"""
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "bedrock:InvokeModel": "A profile passes a call on to a region of its geography that AWS"
        " chooses, and a template names only its own; the conditions ask for the zone's profiles.",
        "ce:GetCostAndUsage": "Cost Explorer has no resources to name.",
        "cloudwatch:DescribeAlarms": "How alarms are can be asked only of all of them.",
        "cloudwatch:GetMetricData": "Metrics have no ARN to name.",
        "comprehend:DetectPiiEntities": "AWS knows no resource for it.",
        "logs:PutLogEvents": "AWS names the streams of a group; the group is named.",
        "s3:AbortMultipartUpload": "Objects are named at run time; their bucket is named.",
        "s3:GetObject": "Objects are named at run time; their bucket or folder is named.",
        "s3:PutObject": "Objects are named at run time; their bucket or folder is named.",
        "secretsmanager:GetSecretValue": "AWS ends a secret's name at random, and there may be too"
        " many teams to name; their prefix is named.",
        "xray:PutSpans": "X-Ray has no resources to name.",
        "xray:PutTraceSegments": "X-Ray has no resources to name.",
    }
)
"""Why an action's resource is open, wherever it is."""

Json = dict[str, Any]
EVERYTHING = "everything"
OF_SERVICE = r"\.[a-z0-9-]+\.amazonaws\.com$"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One action on one kind of resource."""

    resource: str
    condition: str
    action: str

    @property
    def is_open(self) -> bool:
        return "*" in self.resource or self.resource == EVERYTHING


def page(folder: Path) -> str:
    """The whole page, for the first region of an assembly."""
    by_role = {who: sorted({*allowed}) for who, allowed in _roles(folder) if allowed}
    sections = [_section(who, permissions) for who, permissions in by_role.items()]
    used = {one.action for permissions in by_role.values() for one in permissions if one.is_open}
    return "\n".join([HEAD, *sections, _reasons(used)])


def _roles(folder: Path) -> Iterator[tuple[str, list[Permission]]]:
    """Each role and what it may do; agents are built alike, so they are one role here."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    stacks = {
        name: (artifact["environment"].rpartition("/")[2], artifact["properties"]["templateFile"])
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    region = min(region for region, _ in stacks.values())
    for name, (where, file) in sorted(stacks.items()):
        if where == region:
            part = name.removeprefix(f"gatehouse-{region}-")
            part = re.sub(r"^agent-.+", "agent-<name>", part)
            resources = json.loads((folder / file).read_text(encoding="utf-8"))["Resources"]
            for id_, resource in resources.items():
                if resource["Type"] == "AWS::IAM::Role":
                    yield f"{part}: {word(id_)}", [*_allowed(resources, id_)]


def _allowed(resources: Json, role: str) -> Iterator[Permission]:
    for policy in resources.values():
        if policy["Type"] == "AWS::IAM::Policy" and {"Ref": role} in policy["Properties"]["Roles"]:
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                for action in _list(statement["Action"]):
                    for resource in _list(statement["Resource"]):
                        yield Permission(named(resource), _condition(statement), action)


def named(resource: Any) -> str:
    """A resource in a template's words: the logical id behind a reference, an ARN without place."""
    match resource:
        case "*":
            return EVERYTHING
        case str():
            return _short(resource)
        case {"Ref": str(id_)} | {"Fn::GetAtt": [str(id_), *_]}:
            return word(id_)
        case {"Fn::ImportValue": str(export)}:
            return word(re.sub(r"^.*:ExportsOutput(FnGetAtt|Ref)", "", export))
        case {"Fn::Join": [_, parts]}:
            return _short("".join(p if isinstance(p, str) else named(p) for p in parts))
    msg = f"a resource of an unknown form: {resource}"
    raise ValueError(msg)


def _short(arn: str) -> str:
    """Without partition, own region and account; which models are allowed is not for this page."""
    match = re.match(r"^arn:[^:]*:([^:]*):([^:]*):[^:]*:(.*)$", arn)
    if match is None:
        return arn
    service, region, rest = match.groups()
    rest = re.sub(r"^(foundation-model|inference-profile)/.*$", r"\1/<model>", rest)
    return f"{service} *:{rest}" if region == "*" else f"{service} {rest}"


def word(id_: str) -> str:
    """``WorkDeadLetters12AB34CDArn…`` without its hash and what follows."""
    return re.sub(r"[0-9A-F]{8}.*$", "", id_)


def _condition(statement: Json) -> str:
    texts = []
    for keys in statement.get("Condition", {}).values():
        for key, values in keys.items():
            shown = {re.sub(OF_SERVICE, "", named(value)) for value in _list(values)}
            texts.append(f"{key.partition(':')[2]}: {' or '.join(sorted(shown))}")
    return "; ".join(texts)


def _section(who: str, permissions: list[Permission]) -> str:
    rows = [
        f"| {_code(resource)} | {', '.join(_code(one.action) for one in group)} | {_code(only)} |"
        for (resource, only), group in groupby(
            permissions, lambda one: (one.resource, one.condition)
        )
    ]
    return "\n".join([f"## `{who}`", "", "| on | may | only where |", "|---|---|---|", *rows, ""])


def _reasons(used: set[str]) -> str:
    missing = ", ".join(sorted(used - REASONS.keys()))
    if missing:
        msg = f"{missing}: name the resource, or say in infra/permissions.py why AWS has none"
        raise ValueError(msg)
    rows = [f"| `{action}` | {REASONS[action]} |" for action in sorted(used)]
    return "\n".join(["## Why a resource is open", "", "| action | why |", "|---|---|", *rows, ""])


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def main() -> int:
    """Write the page anew."""
    PAGE.write_text(page(assembly()), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
