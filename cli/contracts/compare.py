"""A contract against its last release, in each direction that it promises.

BACKWARD   what could be written under the release, the contract at hand still takes
FULL       and what may be written from now on, readers of the release can read
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cli.contracts.inclusion import UNPROVABLE, Gap, Inclusion
from cli.contracts.shape import same, shape
from functions.domain.contracts import Contract, Contracts, Released
from functions.domain.names import JsonObject

Promise = Literal["BACKWARD", "FULL"]
PROMISE = "x-compatibility"


@dataclass(frozen=True, slots=True)
class Broken:
    """One promise that a change does not keep."""

    contract: str
    at: str
    """Where in the data, as a JSON Pointer; ``*`` is any item or any other field."""
    rule: str
    why: str
    instead: str

    def __str__(self) -> str:
        return f"{self.contract} {self.at or '/'}: {self.rule}: {self.why}. {self.instead}"


@dataclass(frozen=True, slots=True)
class Direction:
    """Who writes and who reads, and what a change that breaks it is called."""

    inclusion: Inclusion
    change: str
    rules: dict[str, str]
    """The names of rules that are no change of one keyword's value."""

    def rule(self, keyword: str) -> str:
        return self.rules.get(keyword, f"{keyword}-{self.change}")


BACKWARD = Direction(
    Inclusion("released data", "the contract now", reader_is_closed=True),
    "narrowed",
    {
        UNPROVABLE: UNPROVABLE,
        "additionalProperties": "object-narrowed",
        "properties": "field-removed",
        "required": "required-added",
    },
)
FORWARD = Direction(
    Inclusion("data from now on", "the released contract", reader_is_closed=False),
    "widened",
    {
        UNPROVABLE: UNPROVABLE,
        "additionalProperties": "object-widened",
        "properties": "field-added-to-closed-object",
        "required": "required-removed",
    },
)
DIRECTIONS: dict[Promise, tuple[Direction, ...]] = {
    "BACKWARD": (BACKWARD,),
    "FULL": (BACKWARD, FORWARD),
}


def broken(releases: tuple[Released, ...], contracts: Contracts) -> list[Broken]:
    """Everything by which the contracts at hand break what was released."""
    now = {contract.name: contract for contract in contracts.every}
    return [found for release in releases for found in _broken(release, now.get(release.name))]


def changes(before: JsonObject, after: JsonObject, direction: Direction) -> list[tuple[str, Gap]]:
    """What of a change breaks a direction, each with the name of its rule."""
    if same(before, after):
        return []
    writes, reads = (before, after) if direction is BACKWARD else (after, before)
    try:
        gaps = direction.inclusion.gaps(shape(writes), shape(reads))
    except ValueError as error:
        gaps = [Gap("", UNPROVABLE, str(error))]
    found = {(direction.rule(gap.keyword), gap.at): gap for gap in reversed(gaps)}
    return [(rule, gap) for (rule, _), gap in reversed(found.items())]


def promised(schema: JsonObject) -> Promise:
    """A contract that does not say what it promises has promised the most."""
    return "BACKWARD" if schema.get(PROMISE) == "BACKWARD" else "FULL"


def _broken(release: Released, now: Contract | None) -> Iterator[Broken]:
    before = release.revisions[-1]
    if now is None:
        instead = f"Put events/{release.name}.schema.json back: its events are still about."
        yield Broken(release.name, "", "contract-removed", "it was released", instead)
        return
    if promised(before) == "FULL" and promised(now.schema) == "BACKWARD":
        why = "readers were promised that they can read what is written after their release"
        yield Broken(release.name, "", "promise-narrowed", why, f"Leave {PROMISE} at FULL.")
    for direction in DIRECTIONS[promised(before)]:
        for rule, gap in changes(before, now.schema, direction):
            yield Broken(release.name, gap.at, rule, gap.why, _instead(release, rule))


def _instead(release: Released, rule: str) -> str:
    """What to do about it."""
    new = (
        f"leave v{release.version} as it is and put the change into "
        f"events/{release.type}/v{release.version + 1}.schema.json"
    )
    return {
        "required-added": f"Make it optional, or {new}.",
        "field-removed": f"Keep it, optional and described as no longer used, or {new}.",
        UNPROVABLE: f"Say it with simpler means (events/README.md lists them), or {new}.",
    }.get(rule, f"{new[0].upper()}{new[1:]}.")
