"""What becomes of a message whose run failed."""

import pytest

from functions.domain.errors import BudgetExhausted, InvalidInput, ReducedCapacity
from functions.domain.redelivery import (
    LONGEST_WAIT_SECONDS,
    MAX_RECEIVES,
    seconds_until_retry,
)


def waits(jitter: float, retry_after: int | None = None) -> list[int | None]:
    error = ReducedCapacity("down", retry_after_seconds=retry_after)
    return [seconds_until_retry(error, n, jitter) for n in range(1, MAX_RECEIVES + 1)]


def test_each_wait_is_longer_than_the_one_before_until_a_person_must_look():
    assert waits(jitter=1) == [5, 25, 125, 625, None]
    assert waits(jitter=0) == [2, 12, 62, 312, None]


def test_a_service_that_says_when_to_come_back_is_left_alone_until_then():
    assert waits(jitter=1, retry_after=60)[:2] == [65, 85]


def test_no_wait_is_longer_than_the_longest():
    assert waits(jitter=1, retry_after=600)[3] == LONGEST_WAIT_SECONDS


def test_what_cannot_pass_by_itself_is_not_tried_again():
    assert seconds_until_retry(InvalidInput("wrong"), 1, 0.5) is None


@pytest.mark.parametrize(("asked", "wait"), [(900, 900), (901, None), (86_400, None)])
def test_what_lasts_longer_than_a_message_can_wait_is_for_a_person(asked: int, wait: int | None):
    error = BudgetExhausted("used up", retry_after_seconds=asked)
    assert seconds_until_retry(error, 1, 0.5) == wait
