"""What a template says about security, as facts that can be compared."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Resource = Mapping[str, Any]
Polarity = Literal["opens", "guards"]


@dataclass(frozen=True, slots=True)
class Right:
    """One action on one resource that a policy allows or refuses to somebody."""

    who: str
    action: str
    on: str
    condition: str = ""

    def covers(self, other: "Right") -> bool:
        """Whether whoever has this right has the other one, too."""
        return (
            _matches(self.who, other.who)
            and _matches(self.action.lower(), other.action.lower())
            and _matches(self.on, other.on)
            and self.condition in {"", other.condition}
        )

    def __str__(self) -> str:
        condition = f" if {self.condition}" if self.condition else ""
        return f"{self.who}: {self.action} on {self.on}{condition}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is so, of one resource of one stack."""

    stack: str
    resource: str
    kind: str
    polarity: Polarity
    says: str | Right

    def covers(self, other: "Fact") -> bool:
        """Whether the other fact is no news beside this one."""
        match self.says, other.says:
            case Right() as mine, Right() as theirs:
                return replace(self, says="") == replace(other, says="") and mine.covers(theirs)
        return self == other


def text(value: Any) -> str:
    """A value of a template as a person reads it: ``${Table.Arn}/index/*``."""
    match value:
        case str() | {"Fn::Sub": str()}:
            return value if isinstance(value, str) else value["Fn::Sub"]
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::ImportValue": name}:
            return f"${{{text(name).rpartition(':')[2]}}}"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(part) for part in parts)
    return json.dumps(value, sort_keys=True)


def rights(statement: Resource, who: str, on: str) -> Iterator[Right]:
    """Each action on each resource that a statement is about."""
    whose = [*_principals(statement)] or [who]
    condition = (
        json.dumps(statement["Condition"], sort_keys=True) if "Condition" in statement else ""
    )
    for principal in whose:
        for action in _listed(statement, "Action"):
            for resource in _listed(statement, "Resource") or [on]:
                yield Right(principal, action, resource, condition)


def _principals(statement: Resource) -> Iterator[str]:
    for name in ("Principal", "NotPrincipal"):
        found = statement.get(name, {})
        kinds = found if isinstance(found, dict) else {"": found}
        prefix = "everybody but " if name == "NotPrincipal" else ""
        for one in kinds.values():
            yield from (
                f"{prefix}{text(each)}" for each in (one if isinstance(one, list) else [one])
            )


def _listed(statement: Resource, name: str) -> list[str]:
    """Actions or resources; those that are meant by naming the others begin with ``all but``."""
    found = statement.get(name)
    if found is None and f"Not{name}" in statement:
        given = statement[f"Not{name}"]
        others = given if isinstance(given, list) else [given]
        return [f"all but {', '.join(sorted(map(text, others)))}"]
    return [text(each) for each in (found if isinstance(found, list) else [found]) if each]


def _matches(pattern: str, given: str) -> bool:
    if pattern == given:
        return True
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), given, re.DOTALL) is not None
