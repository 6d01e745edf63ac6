"""Answers in DynamoDB: written with a settlement, found by their own team only."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import EndpointConnectionError

from functions.adapters.books import DynamoBooks
from functions.adapters.cache import DynamoCache
from functions.domain.cache import CachedAnswer, CacheKey
from functions.domain.names import MicroUsd
from tests import fakes
from tests.integration.test_books import TABLES, make_books

KEPT = CachedAnswer(
    text='{"word": "[PERSON_1]"}',
    model=fakes.MODEL,
    answered_by="test",
    made_at=fakes.NOW,
    fresh_until=fakes.NOW + timedelta(seconds=60),
    stale_until=fakes.NOW + timedelta(seconds=90),
)


def key(team: str = "helpdesk", question: str = "q") -> CacheKey:
    return CacheKey.of(team=team, agent="echo", version="1.0.0", question=question)


@pytest.fixture
def books(aws: None) -> DynamoBooks:
    made = make_books()
    some = fakes.run()
    some.meter.reservations.append(made.reserve(some, MicroUsd(10)))
    some.meter.fresh_answers.append((key(), KEPT))
    made.settle(some, "succeeded", None)
    return made


def cache(client: Any = None) -> DynamoCache:
    return DynamoCache(TABLES.cache, client or boto3.client("dynamodb"), Logger("test"))


def test_an_answer_comes_back_as_it_was_kept(books: DynamoBooks) -> None:
    assert cache().find(key()) == KEPT


@pytest.mark.parametrize("other", [key(team="retail"), key(question="other")])
def test_another_team_and_another_question_find_nothing(
    books: DynamoBooks, other: CacheKey
) -> None:
    assert cache().find(other) is None


def test_the_table_forgets_an_answer_when_it_cannot_even_stand_in(books: DynamoBooks) -> None:
    item = boto3.client("dynamodb").scan(TableName=TABLES.cache)["Items"][0]
    assert int(item["expiration"]["N"]) == int(KEPT.stale_until.timestamp())
    assert item["pk"]["S"].startswith("helpdesk#")


def test_a_cache_that_cannot_be_read_has_nothing(books: DynamoBooks) -> None:
    class Unreachable:
        """A DynamoDB that is not there."""

        def get_item(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    assert cache(Unreachable()).find(key()) is None
