"""What analysers find and we mean: ``accepted.toml``, read and held against what they found."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from infra.analysis.finding import Finding

FILE = Path(__file__).with_name("accepted.toml")
Texts = Annotated[tuple[str, ...], Field(min_length=1)]


class Accepted(BaseModel):
    """One reason, for some rules at some resources of some kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rules: Texts
    """The same concern has another name with each analyser."""
    kinds: Texts
    at: Texts = ("*",)
    """Places, as ``stack/Resource``; every resource of these kinds if it says nothing."""
    details: Texts = ("*",)
    chosen: bool = False
    """Whether it is for what a zone may switch on, so that most templates have no such finding."""
    reason: str = Field(min_length=25)

    def covers(self, finding: Finding) -> bool:
        """Whether this finding is meant."""
        return (
            finding.rule in self.rules
            and finding.kind in self.kinds
            and any(_any_fits([finding.place], pattern) for pattern in self.at)
            and any(_any_fits([finding.detail], pattern) for pattern in self.details)
        )


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    accepted: tuple[Accepted, ...]


def read(file: Path = FILE) -> tuple[Accepted, ...]:
    """The entries of a file."""
    return _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).accepted


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings, each with the entry that accepts it or with none."""

    open: tuple[Finding, ...]
    accepted: dict[Accepted, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def stale(self) -> Iterator[str]:
        """What entries say beyond what was found: it would hide something one day."""
        for entry, found in self.accepted.items():
            if entry.chosen and not found:
                continue
            for said, names in (
                (entry.rules, {finding.rule for finding in found}),
                (entry.kinds, {finding.kind for finding in found}),
                (entry.at, {finding.place for finding in found}),
                (entry.details, {finding.detail for finding in found}),
            ):
                idle = [pattern for pattern in said if not _any_fits(names, pattern)]
                yield from (f"{pattern} in the entry for {entry.rules[0]}" for pattern in idle)


def judge(findings: Iterable[Finding], entries: Iterable[Accepted]) -> Judged:
    """Hold findings against entries; the first that covers one has it."""
    by_entry: dict[Accepted, list[Finding]] = {entry: [] for entry in entries}
    unmet: list[Finding] = []
    for finding in sorted({*findings}):
        entry = next((entry for entry in by_entry if entry.covers(finding)), None)
        (unmet if entry is None else by_entry[entry]).append(finding)
    return Judged(tuple(unmet), {entry: tuple(found) for entry, found in by_entry.items()})


def _any_fits(names: Iterable[str], pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)
