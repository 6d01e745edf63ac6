"""What an analyser found, in the same words whichever analyser it was."""

from dataclasses import dataclass

from infra.analysis.templates import Template


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule at one resource, or at one detail of it."""

    rule: str
    kind: str
    place: str
    stack: str
    logical_id: str
    detail: str
    """What of the resource is meant, where a rule looks at several things: a wildcard, a policy."""

    @classmethod
    def at(cls, template: Template, logical_id: str, rule: str, detail: str = "") -> "Finding":
        """What was found at a resource of a template."""
        return cls(
            rule=rule,
            kind=template.resources[logical_id]["Type"],
            place=template.place(logical_id),
            stack=template.stack,
            logical_id=logical_id,
            detail=detail,
        )

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.rule} {self.kind} {self.place}{detail}: {self.stack} {self.logical_id}"


class Broken(Exception):
    """An analyser did not do its work; the message is what it said."""
