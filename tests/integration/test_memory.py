"""Idempotency as Powertools keeps it in DynamoDB."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.adapters.memory import DynamoMemory, Objects
from functions.domain.errors import (
    IdempotencyKeyReused,
    ModelUnavailable,
    RunInProgress,
    StoreUnavailable,
)
from functions.domain.run import Outcome
from functions.pipeline.run import pipeline
from tests import fakes

SMALL = 1000


def now() -> datetime:
    # Powertools reads the clock itself, so these tests live in the present.
    return datetime.now(UTC)


def run(key: str = "k", **changes: Any) -> Any:
    fields = {"received_at": now(), "deadline": now() + timedelta(seconds=20)}
    some = fakes.run(idempotency_key=key, **fields | changes)
    return replace(some, input=some.read())  # as the stage before has it


@pytest.fixture
def memory(memory_table: str) -> DynamoMemory:
    return DynamoMemory(memory_table, boto3.client("dynamodb"), objects(), now)


def objects() -> Objects:
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="outcomes", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return Objects("outcomes", lambda: s3)


def outcome() -> Outcome:
    return pipeline(fakes.parts(now=now))(run("elsewhere"))


def test_an_equal_request_gets_the_recorded_outcome_byte_for_byte(memory: DynamoMemory) -> None:
    made: list[Outcome] = []

    def produce() -> Outcome:
        made.append(outcome())
        return made[-1]

    first = memory.once(run(), produce, most_bytes=SMALL)
    again = memory.once(run(input={"word": "hello"}), produce, most_bytes=SMALL)

    assert len(made) == 1
    assert (first.replayed, again.replayed) == (False, True)
    assert again.model_dump_json() == first.model_dump_json()


def test_another_body_under_the_same_key_is_refused(memory: DynamoMemory) -> None:
    memory.once(run(), outcome, most_bytes=SMALL)

    with pytest.raises(IdempotencyKeyReused):
        memory.once(run(input={"word": "other"}), outcome, most_bytes=SMALL)


def test_two_teams_and_two_agents_may_use_the_same_key(memory: DynamoMemory) -> None:
    other_team = fakes.TEAM.model_copy(update={"name": "retail"})
    runs = [run(), run(team=other_team), run(agent="other"), run(channel="event")]

    replayed = [memory.once(each, outcome, most_bytes=SMALL).replayed for each in runs]

    assert replayed == [False, False, False, False]


def test_a_run_that_is_still_working_answers_its_twin_with_when_to_come_again(
    memory: DynamoMemory,
) -> None:
    def produce() -> Outcome:
        with pytest.raises(RunInProgress) as caught:
            memory.once(run(), outcome, most_bytes=SMALL)
        assert caught.value.retry_after_seconds == 5
        return outcome()

    assert memory.once(run(), produce, most_bytes=SMALL).replayed is False


def test_a_failed_run_leaves_its_key_free(memory: DynamoMemory) -> None:
    def fail() -> Outcome:
        raise ModelUnavailable("down")

    with pytest.raises(ModelUnavailable):
        memory.once(run(), fail, most_bytes=SMALL)
    assert memory.once(run(), outcome, most_bytes=SMALL).replayed is False


def test_a_crashed_run_s_key_is_free_when_its_time_is_over(memory: DynamoMemory) -> None:
    class Killed(BaseException):
        """As when the process ends: no handler gets to clean up."""

    def die() -> Outcome:
        raise Killed

    with pytest.raises(Killed):
        memory.once(run(), die, most_bytes=SMALL)
    with pytest.raises(RunInProgress):
        memory.once(run(), outcome, most_bytes=SMALL)

    with pytest.raises(Killed):
        memory.once(run("late", deadline=now() - timedelta(seconds=1)), die, most_bytes=SMALL)
    assert memory.once(run("late"), outcome, most_bytes=SMALL).replayed is False


def test_a_key_lives_for_seven_days(memory: DynamoMemory, memory_table: str) -> None:
    memory.once(run(), outcome, most_bytes=SMALL)

    item = boto3.client("dynamodb").scan(TableName=memory_table)["Items"][0]
    days = (int(item["expiration"]["N"]) - time.time()) / 86_400
    assert days == pytest.approx(7, abs=0.01)


def test_no_records_means_no_run(memory_table: str) -> None:
    class Unreachable:
        """A DynamoDB that is not there."""

        meta = boto3.client("dynamodb").meta

        def put_item(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    memory = DynamoMemory(memory_table, Unreachable(), objects(), now)  # type: ignore[arg-type]  # a fake of one method

    with pytest.raises(StoreUnavailable):
        memory.once(run(), outcome, most_bytes=SMALL)


@pytest.mark.parametrize(("most_bytes", "kept"), [(SMALL, []), (150_000, ["echo"])])
def test_an_outcome_that_could_be_too_large_is_kept_as_an_object(
    memory: DynamoMemory, most_bytes: int, kept: list[str]
) -> None:
    first = memory.once(run(), outcome, most_bytes=most_bytes)
    again = memory.once(run(), outcome, most_bytes=most_bytes)

    assert again.replayed
    assert again.model_dump_json() == first.model_dump_json()
    found = boto3.client("s3").list_objects_v2(Bucket="outcomes").get("Contents", [])
    assert [entry["Key"].split("/")[0] for entry in found] == kept


def test_an_outcome_of_a_megabyte_is_replayed(memory: DynamoMemory) -> None:
    def large() -> Outcome:
        return outcome().model_copy(update={"output": {"word": "\u0001" * 1_000_000}})

    memory.once(run(), large, most_bytes=1_000_000)
    assert memory.once(run(), large, most_bytes=1_000_000).output == large().output
