"""The circuit of a model: shared in DynamoDB, and alive without it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.circuit_breaker import base as powertools
from botocore.exceptions import EndpointConnectionError

from functions.adapters.breaker import CONFIG, LocalFallbackStore, PowertoolsBreaker
from functions.domain.errors import ModelRefused, ModelUnavailable
from functions.domain.pricing import Usage
from functions.pipeline.ports import Answer
from tests.integration.conftest import make_table

MODEL = "eu.test.model-v1:0"
ANSWER = Answer(
    text="{}", model=MODEL, usage=Usage(), answered_by=MODEL, latency_ms=1, stop_reason="end_turn"
)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Powertools counts failures for the whole process; each test is a new one."""
    yield
    for counter in (powertools._LOCAL_FAILURES, powertools._LAST_OBSERVED_STATE):  # noqa: SLF001  # there is no other way
        counter.clear()


@pytest.fixture
def table(aws: None) -> str:
    return make_table("circuits", "id")


def breaker(table: str, client: Any = None, changes: list[str] | None = None) -> PowertoolsBreaker:
    """As another execution environment would build it: with nothing in memory."""
    store = LocalFallbackStore(table, client or boto3.client("dynamodb"), Logger("test"))
    noted = changes if changes is not None else []
    return PowertoolsBreaker(store, lambda model, state: noted.append(state))


def fail(some: PowertoolsBreaker, times: int, error: Exception) -> list[type[Exception]]:
    raised: list[type[Exception]] = []

    def call() -> Answer:
        raise error

    for _ in range(times):
        with pytest.raises(type(error)) as caught:
            some.guard(MODEL, call)
        raised.append(type(caught.value))
    return raised


def test_a_model_that_failed_repeatedly_is_left_alone_by_every_function(table: str) -> None:
    changes: list[str] = []
    fail(breaker(table, changes=changes), CONFIG.failure_threshold, ModelUnavailable("down"))

    with pytest.raises(ModelUnavailable, match="left alone") as caught:
        breaker(table).guard(MODEL, lambda: pytest.fail("the model was called"))
    assert caught.value.retry_after_seconds
    assert changes == ["OPEN"]


def test_one_model_s_circuit_says_nothing_of_another_s(table: str) -> None:
    some = breaker(table)
    fail(some, CONFIG.failure_threshold, ModelUnavailable("down"))

    assert some.guard("eu.other", lambda: ANSWER) is ANSWER


def test_what_the_caller_did_wrong_opens_no_circuit(table: str) -> None:
    some = breaker(table)
    fail(some, CONFIG.failure_threshold * 2, ModelRefused("bad prompt"))

    assert some.guard(MODEL, lambda: ANSWER) is ANSWER


def test_a_success_in_between_starts_the_count_anew(table: str) -> None:
    some = breaker(table)
    for _ in range(3):
        fail(some, CONFIG.failure_threshold - 1, ModelUnavailable("down"))
        assert some.guard(MODEL, lambda: ANSWER) is ANSWER


class Unreachable:
    """A DynamoDB that is not there."""

    def __init__(self) -> None:
        self.meta = boto3.client("dynamodb").meta

    def __getattr__(self, name: str) -> Any:
        def call(**kwargs: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

        return call


def test_without_its_table_a_circuit_lets_calls_through_and_still_opens(table: str) -> None:
    some = breaker(table, Unreachable())

    assert some.guard(MODEL, lambda: ANSWER) is ANSWER
    fail(some, CONFIG.failure_threshold, ModelUnavailable("down"))
    with pytest.raises(ModelUnavailable, match="left alone"):
        some.guard(MODEL, lambda: pytest.fail("the model was called"))
