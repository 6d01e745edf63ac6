"""``events/released.json``: every contract as it was released, so that a change has a before.

A release adds to it and never takes away. Each revision stays, because a registry keeps them all
and wants them in their order.
"""

import json
from pathlib import Path

from cli.contracts.compare import Broken, broken
from cli.contracts.shape import same
from functions.domain.contracts import RELEASED, Contract, Contracts, Released, released
from functions.domain.names import JsonObject


class NotCompatible(Exception):
    """The contracts must not be released; each line of the message says why and what to do."""

    def __init__(self, found: list[Broken]) -> None:
        super().__init__("\n".join(str(one) for one in found))


def unreleased(folder: Path) -> tuple[Contract, ...]:
    """Contracts that are new or have changed since the last release."""
    known = {release.name: release for release in released(folder)}
    return tuple(c for c in Contracts.load(folder).every if _is_news(c, known.get(c.name)))


def release(folder: Path) -> tuple[Contract, ...]:
    """Record the contracts as released; the ones that are news.

    Raises:
        NotCompatible: a change breaks what was released before.
    """
    before, news = released(folder), unreleased(folder)
    found = broken(before, Contracts.load(folder))
    if found:
        raise NotCompatible(found)
    revisions = {(one.type, one.version): [*one.revisions] for one in before}
    for contract in news:
        revisions.setdefault((contract.type, contract.version), []).append(contract.schema)
    types: dict[str, dict[str, list[JsonObject]]] = {}
    for (type_, version), every in sorted(revisions.items()):
        types.setdefault(type_, {})[f"v{version}"] = every
    text = json.dumps(types, indent=2, ensure_ascii=False)
    (folder / RELEASED).write_text(f"{text}\n", encoding="utf-8")
    return news


def _is_news(contract: Contract, last: Released | None) -> bool:
    return last is None or not same(contract.schema, last.revisions[-1])
