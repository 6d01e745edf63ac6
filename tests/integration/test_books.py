"""The budget is never passed and the ledger is exact, whatever happens in between."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from moto import mock_aws

from functions.adapters.books import DynamoBooks
from functions.adapters.lines import Tables
from functions.adapters.sweep import DynamoSweep
from functions.domain.budget import Budget
from functions.domain.budget_items import OPEN
from functions.domain.errors import BudgetExhausted, StoreUnavailable
from functions.domain.names import MicroUsd, RunId
from functions.domain.pricing import Usage
from functions.domain.run import ModelCall, Run
from local.transactions import isolate
from tests import fakes
from tests.integration.conftest import make_table

TABLES = Tables(budgets="budgets", ledger="ledger", cache="cache", zone="eu", region="eu-central-1")


@pytest.fixture
def books(aws: None) -> DynamoBooks:
    return make_books()


def make_books() -> DynamoBooks:
    make_table("budgets", "pk", "sk")
    make_table("ledger", "pk", "sk")
    make_table("cache", "pk")
    return DynamoBooks(TABLES, boto3.client("dynamodb"), pause=lambda seconds: None)


def run(number: int = 1, usd: str = "0.001", **budget: Any) -> Run:
    team = fakes.TEAM.model_copy(
        update={"budget": Budget.model_validate({"monthly_usd": usd, **budget})}
    )
    # Each at its own time, as in life: the ledger's lines are sorted by it.
    at = fakes.NOW + timedelta(milliseconds=number)
    return replace(
        fakes.run(team=team),
        id=RunId(f"run_{number}"),
        received_at=at,
        deadline=at + timedelta(seconds=29),
    )


def spend(some: Run, *costs: int) -> None:
    for cost in costs:
        some.meter.add(
            ModelCall(fakes.MODEL, "test", Usage(input_tokens=1), MicroUsd(cost), 1, "2026-11-02")
        )


def budgets(client: Any = None) -> dict[str, dict[str, int]]:
    """Every budget item: its numbers, and all that is promised in ``open``."""
    found = {}
    for item in (client or boto3.client("dynamodb")).scan(TableName="budgets")["Items"]:
        numbers = {name: int(value["N"]) for name, value in item.items() if "N" in value}
        promised = sum(value for name, value in numbers.items() if name.startswith(OPEN))
        found[item["sk"]["S"]] = {**numbers, "open": promised}
    return found


def ledger_total(client: Any = None) -> int:
    lines = (client or boto3.client("dynamodb")).scan(TableName="ledger")["Items"]
    return sum(int(line["cost_micro_usd"]["N"]) for line in lines)


def test_a_settled_run_has_spent_what_it_cost_and_nothing_is_promised(books: DynamoBooks) -> None:
    some = run()
    some.meter.reservations.append(books.reserve(some, MicroUsd(400)))
    spend(some, 120)

    books.settle(some, "succeeded", None)

    team = budgets()["team#0"]
    assert (team["available"], team["spent"], team["open"], team["limit"]) == (880, 120, 0, 1000)
    assert ledger_total() == 120


def test_a_run_that_failed_before_a_model_answered_gives_everything_back(
    books: DynamoBooks,
) -> None:
    some = run()
    some.meter.reservations.append(books.reserve(some, MicroUsd(400)))

    books.settle(some, "model-unavailable", None)

    assert budgets()["team#0"]["available"] == 1000
    assert ledger_total() == 0


def test_a_run_with_a_repair_settles_both_its_promises_at_once(books: DynamoBooks) -> None:
    some = run()
    for amount in (400, 300):
        some.meter.reservations.append(books.reserve(some, MicroUsd(amount)))
    spend(some, 120, 80)

    books.settle(some, "succeeded", None)

    team = budgets()["team#0"]
    assert (team["available"], team["spent"], team["open"]) == (800, 200, 0)


def test_a_run_whose_promises_lie_on_two_shards_is_paid_by_both(books: DynamoBooks) -> None:
    some = run(usd="0.001", shards=2)
    first = books.reserve(some, MicroUsd(400))
    some.meter.reservations.append(first)
    books.reserve(run(99, usd="0.001", shards=2), MicroUsd(100))  # on either of them
    some.meter.reservations.append(books.reserve(some, MicroUsd(300)))
    assert {promised.shard for promised in some.meter.reservations} == {0, 1}
    spend(some, 350, 250)

    books.settle(some, "succeeded", None)

    items = budgets().values()
    assert sum(item["spent"] for item in items) == 600 == ledger_total()
    assert all(item["available"] >= 0 for item in items)


def test_what_is_promised_cannot_be_promised_again(books: DynamoBooks) -> None:
    books.reserve(run(1), MicroUsd(600))

    with pytest.raises(BudgetExhausted, match="2026-11") as caught:
        books.reserve(run(2), MicroUsd(401))
    assert caught.value.retry_after_seconds == pytest.approx(28.6 * 86_400, rel=0.01)
    books.reserve(run(3), MicroUsd(400))


def test_a_part_s_limit_holds_while_the_team_still_has_money(books: DynamoBooks) -> None:
    limited: dict[str, Any] = {"agents": {"echo": Decimal("0.0005")}}
    books.reserve(run(1, **limited), MicroUsd(400))

    with pytest.raises(BudgetExhausted):
        books.reserve(run(2, **limited), MicroUsd(200))
    assert budgets()["team#0"]["open"] == 400, "nothing may be half promised"


def test_another_month_has_another_budget(books: DynamoBooks) -> None:
    books.reserve(run(1), MicroUsd(1000))
    december = replace(run(2), received_at=fakes.NOW + timedelta(days=30))

    assert books.reserve(december, MicroUsd(1000)).period == "2026-12"


@pytest.mark.parametrize(("usd", "available"), [("0.002", 1480), ("0.0007", 180)])
def test_a_changed_limit_takes_effect_and_forgets_nothing(
    books: DynamoBooks, usd: str, available: int
) -> None:
    some = run()
    some.meter.reservations.append(books.reserve(some, MicroUsd(400)))
    spend(some, 420)
    books.settle(some, "succeeded", None)

    books.reserve(run(2, usd=usd), MicroUsd(100))

    team = budgets()["team#0"]
    assert (team["available"], team["spent"], team["open"]) == (available, 420, 100)


def test_settling_a_run_again_settles_it_once(books: DynamoBooks) -> None:
    some = run()
    some.meter.reservations.append(books.reserve(some, MicroUsd(400)))
    spend(some, 120)
    books.settle(some, "succeeded", None)

    with pytest.raises(StoreUnavailable):
        books.settle(some, "succeeded", None)
    assert budgets()["team#0"]["spent"] == 120
    assert ledger_total() == 120


def test_what_a_dead_run_left_goes_back_when_its_minute_has_closed(books: DynamoBooks) -> None:
    dead = run()
    dead.meter.reservations.append(books.reserve(dead, MicroUsd(400)))
    sweep = DynamoSweep(TABLES.budgets, boto3.client("dynamodb"))

    assert sweep.give_back(dead.deadline) == 0
    assert sweep.give_back(dead.deadline + timedelta(minutes=3)) == 400
    assert sweep.give_back(dead.deadline + timedelta(minutes=3)) == 0

    team = budgets()["team#0"]
    assert (team["available"], team["open"]) == (1000, 0)
    spend(dead, 100)
    with pytest.raises(StoreUnavailable):
        books.settle(dead, "succeeded", None)


def test_each_threshold_is_told_once(books: DynamoBooks) -> None:
    sweep = DynamoSweep(TABLES.budgets, boto3.client("dynamodb"))
    heard: list[list[int]] = []
    for number, cost in enumerate((400, 150, 10, 300)):
        some = run(number)
        some.meter.reservations.append(books.reserve(some, MicroUsd(cost)))
        spend(some, cost)
        books.settle(some, "succeeded", None)
        (balance,) = sweep.balances()
        heard.append(balance.to_tell())
        for threshold in heard[-1]:
            sweep.told(balance, threshold)

    assert heard == [[], [50], [], [80]]


def test_a_refused_run_means_that_the_budget_is_used_up(books: DynamoBooks) -> None:
    sweep = DynamoSweep(TABLES.budgets, boto3.client("dynamodb"))
    books.reserve(run(1), MicroUsd(600))
    for number in (2, 3):
        with pytest.raises(BudgetExhausted):
            books.reserve(run(number), MicroUsd(600))

    (balance,) = sweep.balances()
    assert (balance.team, balance.period, balance.scope) == ("helpdesk", "2026-11", "team")
    assert (balance.limit, balance.spent, balance.promised) == (1000, 0, 600)
    assert balance.to_tell() == [100]


@pytest.mark.parametrize("shards", [1, 4])
def test_thirty_two_threads_never_pass_the_limit(books: DynamoBooks, shards: int) -> None:
    chance = random.Random(7)
    jobs = [(n, chance.randrange(1, 60), chance.random()) for n in range(400)]

    def work(job: tuple[int, int, float]) -> int:
        number, amount, fate = job
        some = run(number, usd="0.004", shards=shards)
        try:
            some.meter.reservations.append(books.reserve(some, MicroUsd(amount)))
        except BudgetExhausted:
            return 0
        if fate < 0.2:
            return 0  # the process died: nothing is settled
        if fate < 0.8:
            spend(some, max(1, amount // 2))
        books.settle(some, "succeeded" if fate < 0.8 else "model-unavailable", None)
        return int(some.meter.cost_micro_usd)

    with ThreadPoolExecutor(32) as threads:
        spent = sum(threads.map(work, jobs))
    DynamoSweep(TABLES.budgets, boto3.client("dynamodb")).give_back(
        fakes.NOW + timedelta(minutes=5)
    )

    items = budgets().values()
    assert sum(item["spent"] for item in items) == spent == ledger_total() <= 4000
    assert sum(item["open"] for item in items) == 0
    assert all(item["available"] + item["spent"] == item["limit"] for item in items)
    assert all(item["available"] >= 0 for item in items)


def test_a_write_that_meets_another_comes_again(books: DynamoBooks) -> None:
    real = boto3.client("dynamodb")

    class Busy:
        """Refuses the first writes as DynamoDB does when two meet on one item."""

        left = 3

        def __getattr__(self, name: str) -> Any:
            def call(**kwargs: Any) -> Any:
                if self.left:
                    self.left -= 1
                    raise ClientError(
                        {"Error": {"Code": "TransactionConflictException", "Message": ""}}, name
                    )
                return getattr(real, name)(**kwargs)

            return call

    waited: list[float] = []
    busy = DynamoBooks(TABLES, Busy(), pause=waited.append, jitter=lambda: 1.0)  # type: ignore[arg-type]  # a fake

    busy.reserve(run(), MicroUsd(1))
    assert waited == [0.02, 0.04, 0.08]


class AnyOrder(RuleBasedStateMachine):
    """Runs, failures, crashes, late crashes, sweeps and changed limits in any order at all."""

    def __init__(self) -> None:
        super().__init__()
        isolate()
        self.aws = mock_aws()
        self.aws.start()
        boto3.setup_default_session(
            region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.books = make_books()
        self.client = boto3.client("dynamodb")
        self.now = fakes.NOW
        self.alive: list[Run] = []
        self.number = 0
        self.usd = "0.001"

    def teardown(self) -> None:
        self.aws.stop()
        boto3.DEFAULT_SESSION = None

    @rule(amount=st.integers(1, 700), shards=st.just(1))
    def begin(self, amount: int, shards: int) -> None:
        self.number += 1
        some = replace(
            run(self.number, usd=self.usd, shards=shards),
            received_at=self.now,
            deadline=self.now + timedelta(seconds=29),
        )
        try:
            some.meter.reservations.append(self.books.reserve(some, MicroUsd(amount)))
        except BudgetExhausted:
            return
        self.alive.append(some)

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), part=st.floats(0, 1))
    def succeed(self, data: st.DataObject, part: float) -> None:
        some = self._take(data)
        spend(some, int(some.meter.reservations[0].micro_usd * part))
        self.books.settle(some, "succeeded", None)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self.books.settle(self._take(data), "model-unavailable", None)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        self._take(data)

    @rule(seconds=st.integers(1, 100))
    def wait(self, seconds: int) -> None:
        """No function outlives its deadline."""
        self.now += timedelta(seconds=seconds)
        self.alive = [some for some in self.alive if some.deadline > self.now]

    @rule()
    def sweep(self) -> None:
        DynamoSweep(TABLES.budgets, self.client).give_back(self.now)

    @rule(usd=st.sampled_from(["0.001", "0.0015", "0.002"]))
    def raise_limit(self, usd: str) -> None:
        self.usd = max(self.usd, usd)

    @invariant()
    def the_limit_holds(self) -> None:
        for item in budgets(self.client).values():
            assert item["available"] >= 0
            assert item["available"] + item["spent"] + item["open"] == item["limit"]
            assert item["limit"] <= 2000

    @invariant()
    def spent_is_the_sum_of_the_ledger(self) -> None:
        spent = sum(item["spent"] for item in budgets(self.client).values())
        assert spent == ledger_total(self.client)

    def _take(self, data: st.DataObject) -> Run:
        return self.alive.pop(data.draw(st.integers(0, len(self.alive) - 1)))


AnyOrder.TestCase.settings = settings(max_examples=12, stateful_step_count=25)
TestAnyOrder = AnyOrder.TestCase
