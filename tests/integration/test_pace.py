"""Slots on DynamoDB: each is handed out once, a team's rate apart."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from functions.adapters.pace import DynamoPace
from functions.domain.errors import StoreUnavailable
from functions.domain.team import Limits
from tests import fakes
from tests.integration.conftest import make_table

LIMITS = Limits(requests_per_second=20, burst=40, requests_per_month=1000)
START = int(fakes.NOW.timestamp() * 1000)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.at = fakes.NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table(aws: None) -> str:
    return make_table("pace", "pk")


def pace(table: str, clock: Clock) -> DynamoPace:
    return DynamoPace(table, boto3.client("dynamodb"), clock)


def test_slots_follow_one_another_at_the_teams_rate(table: str, clock: Clock):
    slots = [pace(table, clock).book("retail", LIMITS) for _ in range(4)]
    assert [slot.at_millis - START for slot in slots] == [0, 50, 100, 150]
    assert [slot.number for slot in slots] == [1, 2, 3, 4]


def test_a_team_that_was_idle_begins_anew_and_has_its_burst_again(table: str, clock: Clock):
    booking = pace(table, clock)
    for _ in range(3):
        booking.book("retail", LIMITS)
    clock.pass_(seconds=60)
    slot = booking.book("retail", LIMITS)
    assert slot.at_millis == START + 60_000
    assert slot.due_millis(LIMITS) == slot.at_millis - 2_000


def test_teams_do_not_wait_for_each_other(table: str, clock: Clock):
    booking = pace(table, clock)
    for _ in range(5):
        booking.book("retail", LIMITS)
    assert booking.book("helpdesk", LIMITS).at_millis == START


def test_a_new_month_counts_from_one(table: str, clock: Clock):
    booking = pace(table, clock)
    booking.book("retail", LIMITS)
    clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    assert booking.book("retail", LIMITS).number == 1


def test_no_slot_is_handed_out_twice_to_many_who_ask_at_once(table: str, clock: Clock):
    bookings = [pace(table, clock) for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        slots = list(pool.map(lambda n: bookings[n % 4].book("retail", LIMITS), range(80)))
    assert sorted(slot.at_millis - START for slot in slots) == list(range(0, 80 * 50, 50))


def test_without_the_table_nobody_gets_a_slot(clock: Clock):
    class Unreachable:
        """A DynamoDB that is not there."""

        def update_item(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    away: Any = Unreachable()
    with pytest.raises(StoreUnavailable):
        DynamoPace("pace", away, clock).book("retail", LIMITS)
