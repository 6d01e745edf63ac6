"""The scripted model's part: what it answers to each job, what that costs, and how it fails first.

Each size of review has a usage of its own, so a sum over the wrong calls is a wrong sum.
"""

from collections.abc import Iterable
from typing import Any

from benchmarks.soak.plan import SIZES, Fault, Job
from functions.domain.pricing import Usage

LATENCY_MS = 20
SLOW_MS = 1500
REPLY = {"label": "positive", "intensity": "strong", "topics": ["tent"]}
ERRORS = {Fault.THROTTLED: "ThrottlingException", Fault.BROKEN: "InternalServerException"}

Rule = dict[str, Any]


def script(jobs: Iterable[Job]) -> dict[str, list[Rule]]:
    """The rules in order: every fault once, then an answer to every size."""
    faults = [_fault(job, job.fault) for job in jobs if job.fault]
    return {"rules": [*faults, *(_answer(size) for size in range(SIZES))]}


def usages(jobs: Iterable[Job]) -> dict[str, Usage]:
    """What a call used by the rule that answered it; rules that answer nothing are not in it."""
    rules = script(jobs)["rules"]
    return {rule["name"]: Usage(**rule["usage"]) for rule in rules if "reply" in rule}


def _fault(job: Job, fault: Fault) -> Rule:
    met = {"name": f"{fault} {job.name}", "when": _said(job.name), "times": 1}
    if fault is Fault.SLOW:
        return _answer(job.size) | met | {"latency_ms": SLOW_MS}
    return met | {"error": ERRORS[fault]}


def _answer(size: int) -> Rule:
    return {
        "name": f"size-{size}",
        "when": _said(f"size-{size}"),
        "reply": REPLY,
        "latency_ms": LATENCY_MS,
        "usage": {"input_tokens": 811 + 137 * size, "output_tokens": 21 + 11 * size},
    }


def _said(words: str) -> dict[str, str]:
    return {"contains": words, "scope": "last_message"}
