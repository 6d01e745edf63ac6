"""A run with a key on the real stores: whatever dies when, it is paid once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from functions.adapters.books import DynamoBooks
from functions.adapters.memory import DynamoMemory, Objects
from functions.domain.errors import GatehouseError, StoreUnavailable
from functions.domain.run import Outcome, Run
from functions.pipeline.run import pipeline
from tests import fakes
from tests.integration.conftest import REGION, make_table
from tests.integration.test_books import TABLES, make_books


class Killed(BaseException):
    """The process ends here, and nothing after it happens."""


class Estate:
    """The pipeline on moto's tables, with a model that counts."""

    def __init__(self, **manifest: Any) -> None:
        self.model = fakes.FakeModel()
        self.dynamodb = boto3.client("dynamodb")
        s3 = boto3.client("s3")
        here: Any = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="outcomes", CreateBucketConfiguration=here)
        self.objects = Objects("outcomes", lambda: s3)
        self.memory = DynamoMemory(make_table("memory", "id"), self.dynamodb, self.objects, now)
        self.books = make_books()
        self.parts = fakes.parts(
            memory=self.memory,
            books=self.books,
            model=self.model,
            agents=fakes.agents(**manifest),
            now=now,
        )

    def run(self, parts: Any = None) -> Outcome:
        given = fakes.run(
            idempotency_key="k", received_at=now(), deadline=now() + timedelta(seconds=20)
        )
        return pipeline(parts or self.parts)(given)

    def ledger(self) -> int:
        return len(self.dynamodb.scan(TableName=TABLES.ledger)["Items"])


def now() -> datetime:
    # Powertools reads the clock itself, so these tests live in the present.
    return datetime.now(UTC)


@pytest.mark.parametrize("most_output_tokens", [64, 8192])
def test_a_run_that_dies_as_soon_as_it_is_paid_is_answered_and_not_paid_again(
    aws: None, most_output_tokens: int
):
    estate = Estate(max_output_tokens=most_output_tokens)

    class DiesAfterSettling:
        """Books whose process is killed when they have been written."""

        reserve = estate.books.reserve

        def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
            estate.books.settle(run, status, outcome)
            raise Killed

    governors = replace(estate.parts.governors, books=DiesAfterSettling())
    with pytest.raises(Killed):
        estate.run(replace(estate.parts, governors=governors))
    again = estate.run()
    assert again.replayed
    assert again.output == {"word": "hello"}
    assert (estate.ledger(), len(estate.model.questions)) == (1, 1)


def test_the_replayed_outcome_is_the_one_that_was_answered(aws: None):
    estate = Estate()
    first, again = estate.run(), estate.run()
    assert (first.replayed, again.replayed) == (False, True)
    assert again.model_dump_json() == first.model_dump_json()


def test_an_outcome_that_cannot_be_remembered_has_been_paid_all_the_same(aws: None):
    estate = Estate(max_output_tokens=8192)
    boto3.client("s3").delete_bucket(Bucket="outcomes")
    with pytest.raises(StoreUnavailable):
        estate.run()
    assert estate.ledger() == 1


def test_a_run_that_failed_may_be_tried_again_under_its_key(aws: None):
    estate = Estate()
    estate.model.replies = ["no JSON", "still none", '{"word": "hello"}']
    with pytest.raises(GatehouseError):
        estate.run()
    assert not estate.run().replayed
    assert estate.ledger() == 2, "the failed answers were paid as well"


def test_a_run_leaves_nothing_behind_in_the_client(aws: None, monkeypatch: pytest.MonkeyPatch):
    estate = Estate()
    registered: list[object] = []
    events = estate.dynamodb.meta.events
    monkeypatch.setattr(events, "register", lambda *given, **_: registered.append(given))
    estate.run()
    estate.run()
    assert not registered, "what every run adds, every later call of the client pays for"


def test_a_keyed_run_makes_three_round_trips_besides_the_cache_and_the_model(aws: None):
    estate = Estate()
    made: list[str] = []

    def count(event_name: str, **_: Any) -> None:
        made.append(event_name.rpartition(".")[2])

    estate.dynamodb.meta.events.register("before-send.dynamodb", count)
    books = DynamoBooks(TABLES, estate.dynamodb)
    estate.run(replace(estate.parts, governors=replace(estate.parts.governors, books=books)))
    assert made == ["PutItem", "UpdateItem", "TransactWriteItems"]
