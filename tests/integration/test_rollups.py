"""Sums of closed days as DynamoDB keeps them, and a day's closing over real tables and a bucket."""

import csv
import gzip
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from functions.adapters.focus_exports import S3Exports
from functions.adapters.ledger import DynamoLedger
from functions.adapters.rollups import DynamoRollups
from functions.adapters.spenders import DynamoSpenders
from functions.domain.errors import StoreUnavailable
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.usage import Part, Sum, total
from functions.domain.usage_query import UsageQuery
from functions.pipeline.closing import Closing
from functions.pipeline.usage import Accounts
from tests import fakes
from tests.integration.conftest import make_table
from tests.integration.test_ledger import write

DAY = date(2026, 11, 2)
NOVEMBER = Period.month("2026-11")
NOW = datetime(2026, 11, 3, 1, tzinfo=UTC)
KEY = "focus/zone=eu/region=eu-central-1/billing_period=2026-11/2026-11-02.csv.gz"


@pytest.fixture
def rollups(aws: None) -> DynamoRollups:
    make_table("usage", "pk", "sk")
    return DynamoRollups("usage", boto3.client("dynamodb"), pause=lambda seconds: None)


def part(number: int = 0, day: date = DAY) -> Part:
    return Part(
        day=day,
        team="helpdesk",
        business_unit="Customer Care",
        cost_centre="CC-1",
        workflow=f"workflow-{number}",
        agent="echo",
        model=fakes.MODEL,
        zone="eu",
        region="eu-central-1",
        price_since="2026-01-01T00:00:00Z",
    )


def amount(number: int = 1) -> Sum:
    usage = Usage(input_tokens=number, cache_write_hour_tokens=number)
    return Sum(runs=number, calls=number, usage=usage, cost_micro_usd=MicroUsd(number))


def test_sums_are_read_as_they_were_kept_however_many_there_are(rollups: DynamoRollups) -> None:
    sums = {part(n): amount(n + 1) for n in range(60)}

    rollups.close("helpdesk", DAY, sums)

    closed = rollups.closed("helpdesk", NOVEMBER)
    assert closed.days == {DAY}
    assert dict(closed.rows) == sums
    assert rollups.teams(NOVEMBER) == ["helpdesk"]


def test_a_day_without_its_marker_is_open(rollups: DynamoRollups) -> None:
    rollups.close("helpdesk", DAY, {part(): amount()})
    marker = {"pk": {"S": "helpdesk#2026-11"}, "sk": {"S": "2026-11-02"}}
    boto3.client("dynamodb").delete_item(TableName="usage", Key=marker)

    closed = rollups.closed("helpdesk", NOVEMBER)
    assert (closed.days, closed.rows) == (frozenset(), [])


def test_a_day_in_which_nothing_was_spent_is_closed_too(rollups: DynamoRollups) -> None:
    rollups.close("helpdesk", DAY, {})

    assert rollups.closed("helpdesk", NOVEMBER).days == {DAY}
    assert rollups.teams(NOVEMBER) == []


def test_only_the_days_of_the_period_are_read(rollups: DynamoRollups) -> None:
    for number in (1, 2, 3, 30):
        day = date(2026, 11, number)
        rollups.close("helpdesk", day, {part(day=day): amount(number)})

    def days(first: int, end: date) -> set[int]:
        closed = rollups.closed("helpdesk", Period(date(2026, 11, first), end))
        assert {row.day for row, _ in closed.rows} == closed.days
        return {day.day for day in closed.days}

    assert days(2, date(2026, 11, 3)) == {2}
    assert days(2, date(2026, 12, 1)) == {2, 3, 30}


def test_closing_a_day_again_puts_its_sums_right(rollups: DynamoRollups) -> None:
    rollups.close("helpdesk", DAY, {part(): amount(1)})
    rollups.close("helpdesk", DAY, {part(): amount(2), part(1): amount(3)})

    assert dict(rollups.closed("helpdesk", NOVEMBER).rows) == {
        part(): amount(2),
        part(1): amount(3),
    }


class Stubborn:
    """A client that takes one write of a batch at a time, or none."""

    def __init__(self, *, takes: int) -> None:
        self.takes = takes
        self.taken: list[Any] = []

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803  # AWS's own
        ((table, wanted),) = RequestItems.items()
        self.taken += wanted[: self.takes]
        left = wanted[self.takes :]
        return {"UnprocessedItems": {table: left} if left else {}}


def stubborn(client: Stubborn, pauses: list[float]) -> DynamoRollups:
    return DynamoRollups("usage", client, pause=pauses.append)  # type: ignore[arg-type]  # a fake of one method


def test_what_dynamodb_does_not_take_comes_again_or_the_day_stays_open() -> None:
    pauses: list[float] = []
    slow = Stubborn(takes=1)
    stubborn(slow, pauses).close("helpdesk", DAY, {part(n): amount() for n in range(3)})
    assert len(slow.taken) == 5
    assert pauses == sorted(pauses)
    never = Stubborn(takes=0)
    with pytest.raises(StoreUnavailable, match="next run"):
        stubborn(never, pauses).close("helpdesk", DAY, {part(): amount()})
    assert never.taken == []


@pytest.fixture
def closing(rollups: DynamoRollups) -> Closing:
    make_table("ledger", "pk", "sk")
    make_table("budgets", "pk", "sk")
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(
        Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return Closing(
        account="111122223333",
        ledger=DynamoLedger("ledger", dynamodb),
        rollups=rollups,
        spenders=DynamoSpenders("budgets", dynamodb, {"helpdesk"}),
        exports=S3Exports("exports", s3, zone="eu", region="eu-central-1"),
        prices=fakes.prices(since=date(2026, 1, 1)),
    )


def kept() -> bytes:
    body: bytes = boto3.client("s3").get_object(Bucket="exports", Key=KEY)["Body"].read()
    return body


def test_a_closed_day_is_told_from_its_sums_and_its_file_adds_up_to_the_ledger(
    closing: Closing, rollups: DynamoRollups
) -> None:
    for number in range(1, 8):
        write(fakes.NOW + timedelta(minutes=number), number, team="helpdesk")
        write(fakes.NOW + timedelta(minutes=number), number * 10, team="gone")
    budget = {"pk": {"S": "gone#2026-11"}, "sk": {"S": "team#0"}}
    boto3.client("dynamodb").put_item(TableName="budgets", Item=budget)
    accounts = Accounts(ledger=closing.ledger, rollups=rollups, teams={"helpdesk"}, now=lambda: NOW)
    query = UsageQuery(period=NOVEMBER, team=None, group_by=("team",))
    before = accounts.sums(query, NOW)

    closed = closing.close(DAY)

    assert closed.cost_micro_usd == 28 + 280
    assert accounts.sums(query, NOW)["helpdesk",] == before["helpdesk",]
    assert total(accounts.sums(query, NOW).values()).cost_micro_usd == 308
    text = gzip.decompress(kept()).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert sum(Decimal(row["BilledCost"]) for row in rows) * 1_000_000 == 308
    assert DAY in rollups.days(NOVEMBER)
    file = kept()
    assert (closing.close(DAY), kept()) == (closed, file)


def test_stores_that_are_not_there_leave_the_day_due(closing: Closing, aws: None) -> None:
    write(fakes.NOW, 1)
    boto3.client("s3").delete_bucket(Bucket="exports")

    with pytest.raises(StoreUnavailable, match="exports"):
        closing.close(DAY)
    assert DAY in set(closing.due(NOW))
