"""How much, how fast and how late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.soak.course import Act, Course
from benchmarks.soak.inbox import Answer
from benchmarks.soak.lags import lags, percentile
from benchmarks.soak.money import Sums
from benchmarks.soak.plan import Plan

PERCENTILES = (50, 95, 99, 100)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    what: str
    value: float
    unit: str


def figures(plan: Plan, course: Course, sums: Sums) -> list[Figure]:
    """Everything that was counted and measured."""
    calling, events, poisoned, sweeping = course.acts
    answers = course.evidence.answers
    return [
        *_calling(plan, course, calling),
        *_publishing("events", events, answers),
        Figure("malformed messages, in all", len(plan.malformed), ""),
        Figure("answers delivered again", len(answers) - len({a.id for a in answers}), ""),
        *_publishing("beside poison", poisoned, answers),
        Figure("workers killed", course.evidence.kills, ""),
        Figure("settled by a run that was killed, answered by the next", _resumed(course), ""),
        *_money(sums),
        Figure("waited for the sweeper", sweeping.seconds, "s"),
        Figure("wall time", sum(act.seconds for act in course.acts), "s"),
    ]


def _calling(plan: Plan, course: Course, act: Act) -> Iterator[Figure]:
    keys = len({job.name for job in plan.sends})
    replies = course.evidence.replies
    yield Figure("runs over HTTP: keys", keys, "")
    yield Figure("runs over HTTP: callers", len(replies), "")
    yield Figure("runs over HTTP: requests", sum(reply.tries for reply in replies), "")
    yield Figure("runs over HTTP: callers told of a replay", sum(r.replayed for r in replies), "")
    yield Figure("runs over HTTP: throughput", keys / act.seconds, "/s")


def _resumed(course: Course) -> int:
    """No two reviews are alike, so only a run's own earlier answer can be in the cache."""
    return sum(record.from_cache for record in course.evidence.records)


def _publishing(name: str, act: Act, answers: Sequence[Answer]) -> Iterator[Figure]:
    lag = lags(answers, act.published)
    yield Figure(f"{name}: messages", act.sent, "")
    yield Figure(f"{name}: distinct good ones", len(act.published), "")
    if lag:
        ends = (act.published[job] + waited for job, waited in lag.items())
        seconds = (max(ends) - min(act.published.values())).total_seconds()
        yield Figure(f"{name}: throughput", len(lag) / seconds, "/s")
    for percent in PERCENTILES:
        waited = percentile(lag.values(), percent).total_seconds()
        yield Figure(f"{name}: lag p{percent}", waited, "s")


def _money(sums: Sums) -> Iterator[Figure]:
    yield Figure("spent, by the budgets", sums.spent, "micro-USD")
    yield Figure("spent, by the ledger", sums.ledger, "micro-USD")
    yield Figure("answered, by the model's record", sums.answered, "micro-USD")
    yield Figure("  of which to killed workers", sums.unrecorded, "micro-USD")
    yield Figure("answers to killed workers", sums.unrecorded_calls, "")
    yield Figure("promised at the end", sums.promised, "micro-USD")
