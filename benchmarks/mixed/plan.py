"""What is asked of the gatehouse, decided by a seed, and how the scripted model takes it."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from benchmarks.soak.plan import SIZES
from benchmarks.soak.script import REPLY, Rule
from functions.domain.names import JsonObject

KINDS = {
    "plain": 44,
    "again": 20,
    "throttled": 8,
    "broken": 6,
    "stood in for": 6,
    "repaired": 8,
    "refused": 3,
    "hopeless": 4,
    "unanswered": 1,
}
"""How runs go, and how many of a hundred."""
OVER_HTTP_ONLY = frozenset({"refused", "hopeless", "unanswered"})
"""An event that fails comes back for a quarter of an hour."""
UNFIT = {"label": "perhaps"}
Way = Literal["http", "event", "async"]


@dataclass(frozen=True, slots=True)
class Job:
    """One run to be made."""

    number: int
    kind: str
    way: Way
    team: str
    review: JsonObject

    @property
    def name(self) -> str:
        return str(self.review["review_id"])


def plan(runs: int, chance: random.Random, teams: list[str]) -> list[Job]:
    """All jobs, those that ask again after those that they repeat."""
    jobs: list[Job] = []
    kinds = chance.choices([*KINDS], [*KINDS.values()], k=runs)
    for number, kind in enumerate(sorted(kinds, key="again".__eq__)):
        way: Way = (
            "http" if kind in OVER_HTTP_ONLY else chance.choice(["http", "http", "event", "async"])
        )
        before = [job for job in jobs if job.kind == "plain"] if kind == "again" else []
        if before:
            same = chance.choice(before)
            jobs.append(Job(number, kind, way, same.team, same.review))
        else:
            jobs.append(Job(number, kind, way, chance.choice(teams), _review(number)))
    return jobs


def _review(number: int) -> JsonObject:
    name = f"mix-{number:06}"
    text = f"This tent held up well in the rain. From batch {name}, size-{number % SIZES}."
    return {"review_id": name, "product_id": "tent-1", "text": text}


def rules(jobs: Iterable[Job]) -> Iterator[Rule]:
    """How each job's calls go, and then an answer to every size."""
    for job in jobs:
        if how := _how(job):
            yield {"name": f"{job.kind} {job.name}", **how}
    for size in range(SIZES):
        when = _said(f"size-{size}")
        yield {"name": f"size-{size}", "when": when, "reply": REPLY, "usage": usage(size)}


def _how(job: Job) -> Rule | None:
    """What happens to a job before it is answered, or instead."""
    said, used = _said(job.name), usage(job.number)
    ways: dict[str, Rule] = {
        "throttled": {"times": 1, "error": "ThrottlingException"},
        "broken": {"times": 1, "error": "InternalServerException"},
        "stood in for": {
            "when": {**said, "model": "*haiku*"},
            "times": 2,
            "error": "ServiceUnavailableException",
        },
        "repaired": {"times": 1, "reply": UNFIT, "usage": used},
        "hopeless": {"reply": UNFIT, "usage": used},
        "refused": {"reply": REPLY, "usage": used, "stop_reason": "content_filtered"},
        "unanswered": {"error": "ServiceUnavailableException"},
    }
    return {"when": said, **ways[job.kind]} if job.kind in ways else None


def usage(number: int) -> dict[str, int]:
    """Each size of review has a usage of its own, so a sum over the wrong calls is a wrong sum."""
    size = number % SIZES
    return {"input_tokens": 811 + 137 * size, "output_tokens": 21 + 11 * size}


def _said(words: str) -> dict[str, str]:
    return {"contains": words, "scope": "prompt"}
