"""Records of accepted runs on DynamoDB, and on S3 when they are long."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.adapters.memory import Objects
from functions.adapters.records import DynamoRecords
from functions.domain.errors import NotFound, StoreUnavailable
from functions.domain.names import RunId
from functions.domain.record import RunRecord
from functions.domain.run import Outcome
from functions.pipeline.run import pipeline
from tests import fakes
from tests.integration.conftest import REGION, make_table

BUCKET = "outcomes"
LATER = fakes.NOW + timedelta(seconds=9)


@pytest.fixture
def records(aws: None) -> DynamoRecords:
    s3 = boto3.client("s3", region_name=REGION)
    here: Any = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=here)
    objects = Objects(BUCKET, lambda: s3)
    return DynamoRecords(make_table("runs", "pk"), boto3.client("dynamodb"), objects)


def a_record(run_id: str = "run_1", word: str = "hello") -> RunRecord:
    run = fakes.run(id=RunId(run_id), channel="async", input={"word": word})
    return RunRecord.queued(replace(run, input=run.read()))


def an_outcome(**changes: Any) -> Outcome:
    return pipeline(fakes.parts())(fakes.run()).model_copy(update=changes)


def test_a_record_is_read_as_it_was_kept(records: DynamoRecords):
    kept = records.accept(a_record())
    assert records.find("helpdesk", "run_1") == kept


def test_the_first_record_of_a_run_stays_whoever_comes_again(records: DynamoRecords):
    records.accept(a_record())
    again = records.accept(a_record(word="other"))
    assert again.order.input == {"word": "hello"}


@pytest.mark.parametrize(("team", "run_id"), [("retail", "run_1"), ("helpdesk", "run_2")])
def test_another_team_and_another_run_find_nothing(records: DynamoRecords, team: str, run_id: str):
    records.accept(a_record())
    assert records.find(team, run_id) is None
    with pytest.raises(NotFound):
        records.begin(team, run_id, LATER)


def test_a_run_that_succeeded_keeps_its_outcome_and_forgets_its_input(records: DynamoRecords):
    record = records.begin("helpdesk", records.accept(a_record()).id, LATER)
    assert (record.status, record.changed_at) == ("running", LATER)
    records.succeed(record, an_outcome(), LATER)
    ended = records.find("helpdesk", "run_1")
    assert ended is not None
    assert (ended.status, ended.outcome) == ("succeeded", an_outcome())
    assert ended.order.input == {}


def test_a_run_that_succeeded_does_not_begin_again(records: DynamoRecords):
    record = records.accept(a_record())
    records.succeed(record, an_outcome(), LATER)
    assert records.begin("helpdesk", record.id, LATER).status == "succeeded"


def test_a_run_that_failed_may_begin_again_and_is_no_longer_failed(records: DynamoRecords):
    record = records.accept(a_record())
    records.fail(record, {"status": 503}, LATER)
    failed = records.find("helpdesk", "run_1")
    assert failed is not None
    assert (failed.status, failed.problem) == ("failed", {"status": 503})
    begun = records.begin("helpdesk", record.id, LATER)
    assert (begun.status, begun.problem) == ("running", None)
    assert begun.order.input == {"word": "hello"}


def test_an_outcome_that_no_item_can_hold_is_kept_all_the_same(records: DynamoRecords):
    long = an_outcome(output={"word": "long " * 100_000})
    record = records.accept(a_record())
    records.succeed(record, long, LATER)
    ended = records.find("helpdesk", "run_1")
    assert ended is not None
    assert ended.outcome == long


def test_a_record_ends_after_a_week(records: DynamoRecords):
    records.accept(a_record())
    (item,) = boto3.client("dynamodb").scan(TableName="runs")["Items"]
    week = int((fakes.NOW + timedelta(days=7)).timestamp())
    assert int(item["expiration"]["N"]) == week


USES: list[Callable[[DynamoRecords], object]] = [
    lambda records: records.accept(a_record()),
    lambda records: records.find("helpdesk", "run_1"),
    lambda records: records.begin("helpdesk", "run_1", LATER),
    lambda records: records.fail(a_record(), {}, LATER),
]


@pytest.mark.parametrize("use", USES)
def test_a_table_that_is_away_is_told_as_such(use: Callable[[DynamoRecords], object]):
    class Unreachable:
        """A DynamoDB that is not there."""

        def __getattr__(self, name: str) -> Any:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    objects = Objects(BUCKET, lambda: pytest.fail("not asked"))
    with pytest.raises(StoreUnavailable):
        use(DynamoRecords("runs", Unreachable(), objects))  # type: ignore[arg-type]  # a fake
