"""The running stack's ledger beside what its Bedrock counted, and the command that shows it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cli.reconcile import Reach
from local.invocation import Invocation
from local.schedules import scheduled_event
from local.stack import LocalStack
from tests.e2e.conftest import Play, eventually, new_review
from tests.e2e.provider import ANSWER

TEAM = "retail"


def drift(stack: LocalStack) -> int:
    """How much the provider counted more than was charged, over all models."""
    month = f"{datetime.now(UTC):%Y-%m}"
    found = Reach.of(None, stack.running).ask({"month": month, "exact": True, "today": True})
    assert all(each["reason"] is None for each in found["findings"]), found
    return sum(each["drift_micro_usd"] for each in found["findings"])


@contextmanager
def changed_ledger(stack: LocalStack, run: str, *, twice: bool) -> Iterator[int]:
    """A run's line is missing, or there twice; gives what the line says that the run cost."""
    client = stack.aws.client("dynamodb")
    (table,) = (name for name in stack.running.tables if "state-Ledger" in name)
    lines = client.scan(TableName=table)["Items"]
    (line,) = (each for each in lines if each["run"]["S"] == run)
    changed = {**line, "sk": {"S": line["sk"]["S"] + "-again"}} if twice else line
    where = {"TableName": table, "Key": {"pk": changed["pk"], "sk": changed["sk"]}}
    put = {"TableName": table, "Item": changed}
    begin, end = (client.put_item, client.delete_item)[:: 1 if twice else -1]
    begin(**(put if twice else where))
    try:
        yield int(line["cost_micro_usd"]["N"])
    finally:
        end(**(where if twice else put))


@pytest.fixture
def run(http: httpx.Client, stack: LocalStack, play: Play) -> str:
    """A run that was answered just now, and that Bedrock has counted."""
    play(ANSWER)
    before = published(stack)
    token = stack.identity.mint(TEAM)
    response = http.post(
        "/v1/agents/review_sentiment/run",
        json={"input": new_review()},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 200, response.text
    eventually(lambda: published(stack) > before)
    return str(response.json()["id"])


def published(stack: LocalStack) -> int:
    """How many calls CloudWatch knows of, as soon as no more are added."""
    now = datetime.now(UTC)
    cloudwatch = stack.aws.client("cloudwatch")
    total = 0.0
    for metric in cloudwatch.list_metrics(Namespace="AWS/Bedrock", MetricName="Invocations")[
        "Metrics"
    ]:
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/Bedrock",
            MetricName="Invocations",
            Dimensions=metric["Dimensions"],
            StartTime=now - timedelta(days=1),
            EndTime=now + timedelta(minutes=1),
            Period=172_800,
            Statistics=["Sum"],
        )["Datapoints"]
        total += sum(point["Sum"] for point in found)
    return int(total)


def test_a_lost_line_and_a_doubled_one_move_the_books_apart_by_what_they_cost(
    stack: LocalStack, run: str
) -> None:
    before = drift(stack)
    with changed_ledger(stack, run, twice=False) as cost:
        assert drift(stack) == before + cost > before
    with changed_ledger(stack, run, twice=True) as cost:
        assert drift(stack) == before - cost
    assert drift(stack) == before


def test_a_night_compares_yesterday_and_tells_cloudwatch(
    stack: LocalStack, run: str, in_a_day: Callable[[], None]
) -> None:
    (name,) = (each for each in stack.running.functions if "Reconciler" in each)
    arn = f"arn:aws:lambda:{stack.region}:111122223333:function:{name}"
    night = scheduled_event("Nightly", datetime.now(UTC))

    in_a_day()
    reply = stack.workers.invoke(Invocation(json.dumps(night).encode(), arn))

    assert not reply.failed, reply.payload
    found = reply.json()["findings"]
    yesterday = [each for each in found if each["first"] == f"{datetime.now(UTC):%Y-%m-%d}"]
    assert {each["result"] for each in found} == {"agrees"}, "far less than a dollar apart"
    assert sum(each["provider"]["calls"] for each in yesterday) >= 1
    log = next(stack.running.logs.glob(f"*{name}*.log"))
    eventually(lambda: '"LedgerDriftMicroUsd"' in log.read_text("utf-8"))


@pytest.fixture
def in_a_day(stack: LocalStack) -> Iterator[Callable[[], None]]:
    """The functions believe that it is tomorrow, and long enough into it."""
    yield lambda: stack.workers.set_clock_ahead(timedelta(days=1, hours=3))
    stack.workers.set_clock_ahead(timedelta())
