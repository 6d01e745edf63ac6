"""Idempotency as Powertools keeps it in DynamoDB."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.adapters.memory import DynamoMemory
from functions.domain.errors import (
    IdempotencyKeyReused,
    ModelUnavailable,
    RunInProgress,
    StoreUnavailable,
)
from functions.domain.run import Outcome
from functions.pipeline.run import pipeline
from tests import fakes

Make = Callable[..., DynamoMemory]


def now() -> datetime:
    # Powertools reads the clock itself, so these tests live in the present.
    return datetime.now(UTC)


def run(key: str = "k", **changes: Any) -> Any:
    fields = {"received_at": now(), "deadline": now() + timedelta(seconds=20)}
    return fakes.run(idempotency_key=key, **fields | changes)


@pytest.fixture
def memory(memory_table: str) -> DynamoMemory:
    return DynamoMemory(memory_table, boto3.client("dynamodb"), now)


def outcome() -> Outcome:
    return pipeline(fakes.parts(now=now))(run("elsewhere"))


def test_an_equal_request_gets_the_recorded_outcome_byte_for_byte(memory: DynamoMemory) -> None:
    made: list[Outcome] = []

    def produce() -> Outcome:
        made.append(outcome())
        return made[-1]

    first = memory.once(run(), produce)
    again = memory.once(run(input={"word": "hello"}), produce)

    assert len(made) == 1
    assert (first.replayed, again.replayed) == (False, True)
    assert again.model_dump_json() == first.model_dump_json()


def test_another_body_under_the_same_key_is_refused(memory: DynamoMemory) -> None:
    memory.once(run(), outcome)

    with pytest.raises(IdempotencyKeyReused):
        memory.once(run(input={"word": "other"}), outcome)


def test_two_teams_and_two_agents_may_use_the_same_key(memory: DynamoMemory) -> None:
    other_team = fakes.TEAM.model_copy(update={"name": "retail"})
    runs = [run(), run(team=other_team), run(agent="other"), run(channel="event")]

    replayed = [memory.once(each, outcome).replayed for each in runs]

    assert replayed == [False, False, False, False]


def test_a_run_that_is_still_working_answers_its_twin_with_when_to_come_again(
    memory: DynamoMemory,
) -> None:
    def produce() -> Outcome:
        with pytest.raises(RunInProgress) as caught:
            memory.once(run(), outcome)
        assert caught.value.retry_after_seconds == 5
        return outcome()

    assert memory.once(run(), produce).replayed is False


def test_a_failed_run_leaves_its_key_free(memory: DynamoMemory) -> None:
    def fail() -> Outcome:
        raise ModelUnavailable("down")

    with pytest.raises(ModelUnavailable):
        memory.once(run(), fail)
    assert memory.once(run(), outcome).replayed is False


def test_a_crashed_run_s_key_is_free_when_its_time_is_over(memory: DynamoMemory) -> None:
    class Killed(BaseException):
        """As when the process ends: no handler gets to clean up."""

    def die() -> Outcome:
        raise Killed

    with pytest.raises(Killed):
        memory.once(run(), die)
    with pytest.raises(RunInProgress):
        memory.once(run(), outcome)

    with pytest.raises(Killed):
        memory.once(run("late", deadline=now() - timedelta(seconds=1)), die)
    assert memory.once(run("late"), outcome).replayed is False


def test_a_key_lives_for_seven_days(memory: DynamoMemory, memory_table: str) -> None:
    memory.once(run(), outcome)

    item = boto3.client("dynamodb").scan(TableName=memory_table)["Items"][0]
    days = (int(item["expiration"]["N"]) - time.time()) / 86_400
    assert days == pytest.approx(7, abs=0.01)


def test_no_records_means_no_run(memory_table: str) -> None:
    class Unreachable:
        """A DynamoDB that is not there."""

        meta = boto3.client("dynamodb").meta

        def put_item(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    memory = DynamoMemory(memory_table, Unreachable(), now)  # type: ignore[arg-type]  # a fake of one method

    with pytest.raises(StoreUnavailable):
        memory.once(run(), outcome)
