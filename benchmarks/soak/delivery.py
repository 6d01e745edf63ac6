"""Whether everything that was sent was answered, once, and whatever could not be is kept."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from benchmarks.soak.check import Check, check, none_doubled, none_lost, where
from benchmarks.soak.lags import lags, median
from benchmarks.soak.plan import Plan
from benchmarks.soak.stores import Evidence

DONE = "COMPLETED"


def checks(plan: Plan, seen: Evidence) -> list[Check]:
    """What became of runs over HTTP, of events and of malformed messages."""
    return [*_callers(plan, seen), *_records(plan, seen), *_events(plan, seen), *_dead(plan, seen)]


def beside_poison(
    published: Mapping[str, datetime], seen: Evidence, redelivery: timedelta
) -> Check:
    """A malformed message in every batch makes nobody else wait for more than one redelivery."""
    waited = lags(seen.answers, published)
    usual = median(waited.values())
    return where(
        "no event is held up by a malformed one for longer than a redelivery",
        waited,
        lambda name: waited[name] - usual > redelivery,
    )


def _callers(plan: Plan, seen: Evidence) -> Iterable[Check]:
    digests, runs = defaultdict(set), defaultdict(set)
    for reply in seen.replies:
        digests[reply.job].add(reply.digest)
        runs[reply.job].add(reply.run)
    recorded = {record.job: record.run for record in seen.records}
    answered = [reply for reply in seen.replies if reply.status == HTTPStatus.OK]
    first = (reply.job for reply in answered if not reply.replayed)
    unanswered = (reply.job for reply in seen.replies if reply.status != HTTPStatus.OK)
    yield none_lost("every run is answered", {job.name for job in plan.sends}, runs)
    yield check("every caller is answered", "lost", len(seen.replies), unanswered)
    yield none_doubled("only one caller of a key is told that its run is new", first)
    yield where("callers of one key get the same bytes", digests, lambda n: len(digests[n]) > 1)
    yield where("callers get what is recorded", runs, lambda n: runs[n] != {recorded.get(n)})


def _records(plan: Plan, seen: Evidence) -> Iterable[Check]:
    done = [record.job or "" for record in seen.records if record.status == DONE]
    yield none_lost("every key has an outcome", plan.jobs, done)
    yield none_doubled("no key has two outcomes", done)
    open_ = (record.run or "in progress" for record in seen.records if record.status != DONE)
    yield check("no key is left in progress", "wrong", len(seen.records), open_)


def _events(plan: Plan, seen: Evidence) -> Iterable[Check]:
    recorded = {record.job: record.run for record in seen.records}
    expected = [name for name, job in plan.jobs.items() if job.way != "http"]
    answered = [job for _, job in {(answer.id, answer.job) for answer in seen.answers}]
    yield none_lost("every event is answered", expected, answered)
    yield none_doubled("no event is answered by two events", answered)
    wrong = {a.job for a in seen.answers if a.review != a.job or a.run != recorded.get(a.job)}
    yield check("an answer is that of its event", "wrong", len(expected), wrong)


def _dead(plan: Plan, seen: Evidence) -> Iterable[Check]:
    dead = [letter.name for letter in seen.dead_letters]
    yield none_lost("every malformed message is a dead letter", plan.malformed, dead)
    # A copy is sent before its original is deleted, so a kill in between buries a message twice.
    again = list((Counter(dead) - Counter(set(dead))).elements())
    yield check(
        "no more messages are buried twice than workers were killed",
        "doubled",
        len(dead),
        again if len(again) > seen.kills else [],
    )
    others = set(dead) - plan.malformed.keys()
    yield check("no good message is a dead letter", "wrong", len(dead), others)
    left = ["a message in a queue"] * seen.waiting
    yield check("no message is left in a queue", "lost", len(plan.messages), left)
