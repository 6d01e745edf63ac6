"""The soak's verdict: a clean slate passes, and whatever is lost, doubled or wrong is named."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from benchmarks.soak import delivery, money
from benchmarks.soak.check import Check
from benchmarks.soak.clients import Clients, Reply
from benchmarks.soak.inbox import Answer
from benchmarks.soak.lags import lags, percentile
from benchmarks.soak.plan import Fault, Flaw, Job, Plan
from benchmarks.soak.report import Report, reasons
from benchmarks.soak.script import script, usages
from benchmarks.soak.stores import (
    BudgetItem,
    DeadLetter,
    Evidence,
    LedgerLine,
    ModelCall,
    Recorded,
)
from functions import config
from functions.agents.review_sentiment.contract import Review
from functions.domain.event import Event
from functions.domain.pricing import Usage
from local.model.backends.scripted.script import parse_script
from tests.fakes import NOW

TEAMS = ("platform", "retail")
PLAN = Plan.of(runs=40, events=100, seed=7, teams=TEAMS)
MODEL = "eu.test.model-v1:0"
SECOND = timedelta(seconds=1)
Change = Callable[[Evidence], Evidence]


def price(call: ModelCall) -> int:
    return call.usage.input_tokens + 5 * call.usage.output_tokens


def answered(job: Job) -> ModelCall:
    usage = Usage(input_tokens=100 + job.size, output_tokens=10)
    return ModelCall(job.name, job.team, MODEL, usage)


def line(job: Job) -> LedgerLine:
    call = answered(job)
    return LedgerLine(job.name, job.team, price(call), (call,))


def clean() -> Evidence:
    """What the stores hold when nothing went wrong."""
    jobs = [*PLAN.jobs.values()]
    lines = [line(job) for job in jobs]
    spent = {t: sum(n.cost_micro_usd for n in lines if n.team == t) for t in TEAMS}
    callers: dict[str, int] = {}
    replies = []
    for job in PLAN.sends:
        callers[job.name] = callers.get(job.name, 0) + 1
        replayed = callers[job.name] > 1
        run = f"run {job.name}"
        replies.append(Reply(job.name, 200, run, replayed=replayed, digest=job.name, tries=1))
    return Evidence(
        asked=[answered(job) for job in jobs],
        ledger=lines,
        budgets=[BudgetItem(t, 10**9, 10**9 - spent[t], spent[t], 0) for t in TEAMS],
        records=[Recorded("COMPLETED", job.name, f"run {job.name}") for job in jobs],
        answers=[
            Answer(f"answer {job.name}", job.name, job.name, f"run {job.name}", NOW)
            for job in jobs
            if job.way != "http"
        ],
        dead_letters=[DeadLetter(name, "malformed") for name in PLAN.malformed],
        waiting=0,
        replies=replies,
        kills=1,
    )


def verdict(seen: Evidence) -> list[Check]:
    return [*delivery.checks(PLAN, seen), *money.checks(PLAN, seen, price)]


def changed(**fields: Callable[[list[Any]], list[Any]]) -> Change:
    """Evidence of which some parts are something else."""

    def change(seen: Evidence) -> Evidence:
        parts: dict[str, Any] = {name: do([*getattr(seen, name)]) for name, do in fields.items()}
        return replace(seen, **parts)

    return change


def without_first(items: list[Any]) -> list[Any]:
    return items[1:]


def with_first_again(items: list[Any]) -> list[Any]:
    return [*items, items[0]]


def with_first(**fields: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda items: [replace(items[0], **fields), *items[1:]]


def with_another(**fields: Any) -> Callable[[list[Any]], list[Any]]:
    return lambda items: [*items, replace(items[0], **fields)]


def told_twice(replies: list[Reply]) -> list[Reply]:
    return [replace(reply, replayed=False) for reply in replies]


def differently(replies: list[Reply]) -> list[Reply]:
    return [replace(reply, digest=str(place)) for place, reply in enumerate(replies)]


def buried_thrice(items: list[Any]) -> list[Any]:
    return [*items, items[0], items[0]]


def asked_thrice(calls: list[ModelCall]) -> list[ModelCall]:
    return [*calls, calls[0], calls[0]]


def test_nothing_is_broken_when_nothing_went_wrong() -> None:
    assert [check for check in verdict(clean()) if check.broken] == []


def test_every_promise_was_looked_at_on_something() -> None:
    assert all(check.looked_at for check in verdict(clean()))


@pytest.mark.parametrize(
    ("change", "kind", "promise"),
    [
        (changed(replies=without_first), "lost", "every run is answered"),
        (changed(replies=with_first(status=503)), "lost", "every caller is answered"),
        (changed(replies=told_twice), "doubled", "only one caller of a key is told that its run"),
        (changed(replies=differently), "wrong", "callers of one key get the same bytes"),
        (changed(replies=with_first(run="run x")), "wrong", "callers get what is recorded"),
        (changed(records=without_first), "lost", "every key has an outcome"),
        (changed(records=with_another(run="run x")), "doubled", "no key has two outcomes"),
        (changed(records=with_another(status="INPROGRESS")), "wrong", "no key is left in progress"),
        (changed(answers=without_first), "lost", "every event is answered"),
        (changed(answers=with_another(id="x")), "doubled", "no event is answered by two events"),
        (changed(answers=with_first(review="x")), "wrong", "an answer is that of its event"),
        (changed(answers=with_first(run="run x")), "wrong", "an answer is that of its event"),
        (changed(dead_letters=without_first), "lost", "every malformed message is a dead letter"),
        (
            changed(dead_letters=buried_thrice),
            "doubled",
            "no more messages are buried twice than workers were killed",
        ),
        (
            changed(dead_letters=with_another(name="soak-event-000001")),
            "wrong",
            "no good message is a dead letter",
        ),
        (lambda seen: replace(seen, waiting=1), "lost", "no message is left in a queue"),
        (changed(ledger=without_first), "lost", "every run is charged"),
        (changed(ledger=with_first_again), "doubled", "no run is charged twice"),
        (changed(ledger=with_first(cost_micro_usd=1)), "wrong", "a line costs what its calls cost"),
        (
            changed(asked=without_first),
            "wrong",
            "every charged call is one that the model answered",
        ),
        (
            changed(asked=asked_thrice),
            "lost",
            "no more answers are uncharged than workers were killed",
        ),
        (changed(budgets=with_first(spent=1)), "wrong", "spent is the sum of the ledger"),
        (changed(budgets=without_first), "wrong", "spent is the sum of the ledger"),
        (changed(budgets=with_first(available=1)), "wrong", "available + spent + promised = limit"),
        (changed(budgets=with_first(promised=1)), "wrong", "nothing stays promised to the dead"),
    ],
)
def test_what_is_lost_doubled_or_wrong_is_named(change: Change, kind: str, promise: str) -> None:
    broken = {check.promise: check for check in verdict(change(clean())) if check.broken}
    (found,) = (check for name, check in broken.items() if name.startswith(promise))
    assert found.kind == kind
    report = Report(checks=[*broken.values()], figures=[], dead_letters=reasons({}, []))
    assert not report.clean
    assert report.counts[kind] >= 1
    assert promise in report.as_json()


def test_an_answer_to_a_killed_worker_is_counted_apart_and_is_no_fault() -> None:
    seen = clean()
    unrecorded = replace(seen, asked=[*seen.asked, seen.asked[0]])
    assert [check for check in verdict(unrecorded) if check.broken] == []
    sums = money.sums(unrecorded, price)
    assert (sums.unrecorded_calls, sums.unrecorded) == (1, price(seen.asked[0]))
    assert sums.spent == sums.ledger == sums.answered - sums.unrecorded


def test_the_same_answer_delivered_twice_is_no_fault() -> None:
    twice = changed(answers=with_first_again)(clean())
    assert [check for check in verdict(twice) if check.broken] == []


def test_an_event_that_waits_longer_than_a_redelivery_beside_poison_is_named() -> None:
    jobs = [f"soak-poisoned-{number:06}" for number in range(5)]
    waits = [1, 1, 1, 12, 14]
    answers = [
        Answer(name, name, name, "run", NOW + wait * SECOND)
        for name, wait in zip(jobs, waits, strict=True)
    ]
    seen = replace(clean(), answers=answers)
    check = delivery.beside_poison(dict.fromkeys(jobs, NOW), seen, 12 * SECOND)
    assert check.broken == ("soak-poisoned-000004",)


def test_lag_is_that_of_the_first_answer() -> None:
    answers = [Answer("id", "a", "a", "run", NOW + wait * SECOND) for wait in (3, 2, 9)]
    assert lags(answers, {"a": NOW, "b": NOW}) == {"a": 2 * SECOND}
    hundred = [number * SECOND for number in range(1, 101)]
    assert [percentile(hundred, p) / SECOND for p in (50, 95, 99, 100)] == [50, 95, 99, 100]


def test_the_same_seed_is_the_same_plan() -> None:
    assert Plan.of(runs=40, events=100, seed=7, teams=TEAMS) == PLAN
    assert Plan.of(runs=40, events=100, seed=8, teams=TEAMS) != PLAN


def test_a_plan_has_its_share_of_everything() -> None:
    plan = Plan.of(runs=1000, events=1000, seed=1, teams=TEAMS)
    assert len(plan.sends) == 1100
    assert len(plan.messages) == 980 + 98 + 20
    ways = [(job.way, job.fault) for job in plan.jobs.values()]
    assert {fault: ways.count(("http", fault)) for fault in Fault} == {
        Fault.THROTTLED: 17,
        Fault.BROKEN: 17,
        Fault.SLOW: 16,
    }
    assert {each.flaw for each in plan.malformed.values()} == {*Flaw}
    kinds = [type(message).__name__ for message in plan.poisoned]
    assert kinds == ["Malformed", "Job"] * 40


def test_two_teams_use_the_same_keys() -> None:
    keys: dict[str, set[str]] = {}
    for job in PLAN.sends:
        keys.setdefault(job.key, set()).add(job.team)
    assert all(teams == {*TEAMS} for teams in keys.values())


def test_every_good_message_is_an_event_whose_review_fits_its_contract() -> None:
    for job in PLAN.jobs.values():
        event = Event.model_validate_json(job.body(NOW))
        assert Review.model_validate(event.data).review_id == event.id == event.workflow == job.name


def work_on(body: str) -> None:
    event = Event.model_validate_json(body)
    Review.model_validate(event.data)
    config.teams().teams[event.team]


def test_every_malformed_message_is_one() -> None:
    for malformed in PLAN.malformed.values():
        body = malformed.body(NOW)
        assert malformed.name in body
        with pytest.raises((ValidationError, LookupError)):
            work_on(body)


def test_the_script_can_be_played_and_knows_what_each_answer_uses() -> None:
    jobs = [*PLAN.jobs.values()]
    rules = parse_script(json.dumps(script(jobs))).labelled
    failing = [job for job in jobs if job.fault]
    assert len(rules) == len(failing) + 7
    known = usages(jobs)
    for name, rule in rules.items():
        if rule.usage is None:
            assert name not in known
        else:
            assert known[name] == Usage(**rule.usage.model_dump())


def test_a_caller_asks_with_the_same_key_until_the_answer_is_final() -> None:
    replies = [httpx.Response(503), httpx.Response(409), httpx.Response(200, json={"id": "run 1"})]
    keys: list[str] = []
    pauses: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return replies[len(keys) - 1]

    job = next(iter(PLAN.jobs.values()))
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        clients = Clients(http, "http://gateway/run", str, pause=pauses.append)
        reply = clients.insist(job)
    assert (reply.status, reply.run, reply.tries) == (200, "run 1", 3)
    assert keys == [f'"{job.key}"'] * 3
    assert len(pauses) == 2


def test_a_caller_gives_up_in_the_end_and_says_what_it_got_last() -> None:
    minutes = iter(range(0, 600, 60))
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500))) as http:
        clients = Clients(
            http, "http://gateway/run", str, pause=lambda _: None, clock=lambda: next(minutes)
        )
        reply = clients.insist(random.Random(1).choice([*PLAN.jobs.values()]))
    assert (reply.status, reply.run) == (500, None)


def test_the_reason_of_a_dead_letter_is_shown_where_there_is_one() -> None:
    name, malformed = next(iter(PLAN.malformed.items()))
    letters = [DeadLetter(name, None), DeadLetter(name, "malformed-request"), DeadLetter("x", None)]
    assert reasons(PLAN.malformed, letters) == {
        str(malformed.flaw): 1,
        f"{malformed.flaw} → malformed-request": 1,
        "not malformed": 1,
    }
