"""Two assemblies, fact by fact."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.security_diff.facts import Fact, Resource
from infra.security_diff.policies import policies
from infra.security_diff.reading import templates
from infra.security_diff.weaknesses import of_template, weaknesses

Effect = Literal["broader", "narrower"]
REFERENCE = re.compile(r"\$\{([^.}]+)")


@dataclass(frozen=True, slots=True)
class Change:
    """What is so now and was not, or was and is not; the same in all these regions."""

    effect: Effect
    fact: Fact
    is_there: bool
    """Whether the change brings the fact, or ends it."""
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One region of one assembly."""

    facts: frozenset[Fact] = frozenset()
    resources: frozenset[tuple[str, str]] = frozenset()
    """Stack and logical id of each."""

    def has(self, fact: Fact) -> bool:
        """Whether what the fact is about is there at all."""
        named = REFERENCE.match(fact.resource)
        return (fact.stack, named[1] if named else fact.resource) in self.resources

    def news(self, other: "Side") -> Iterator[Fact]:
        """What is so here and does not follow from what is so there.

        A guard that comes or goes with what it guards is none.
        """
        known: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in other.facts:
            known[fact.stack].append(fact)
        for fact in self.facts - other.facts:
            guards_nothing = fact.polarity == "guards" and not other.has(fact)
            if not guards_nothing and not any(old.covers(fact) for old in known[fact.stack]):
                yield fact


def changes(base: Path, head: Path) -> list[Change]:
    """What a deploy of ``head`` over ``base`` changes, broader things first.

    Raises:
        CannotCompare: one of the folders holds no assembly.
    """
    regions: defaultdict[tuple[Effect, Fact, bool], set[str]] = defaultdict(set)
    before, after = _sides(base), _sides(head)
    for region in before.keys() | after.keys():
        for found in between(before.get(region, Side()), after.get(region, Side())):
            regions[found].add(region)
    every = [Change(*found, tuple(sorted(where))) for found, where in regions.items()]
    return sorted(every, key=lambda c: (c.effect, c.fact.stack, c.fact.kind, str(c.fact.says)))


def between(before: Side, after: Side) -> Iterator[tuple[Effect, Fact, bool]]:
    """The news of one region."""
    for fact in after.news(before):
        yield ("broader" if fact.polarity == "opens" else "narrower"), fact, True
    for fact in before.news(after):
        yield ("narrower" if fact.polarity == "opens" else "broader"), fact, False


def facts(stack: str, resources: Mapping[str, Resource]) -> Iterator[Fact]:
    """All that a template says about security."""
    for id_, resource in resources.items():
        yield from policies(stack, id_, resource)
        yield from weaknesses(stack, id_, resource)
    yield from of_template(stack, resources)


def _sides(assembly: Path) -> dict[str, Side]:
    found: dict[str, Side] = {}
    for region, stack, resources in templates(assembly):
        side = found.get(region, Side())
        found[region] = Side(
            side.facts | frozenset(facts(stack, resources)),
            side.resources | {(stack, id_) for id_ in resources},
        )
    return found
