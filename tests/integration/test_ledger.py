"""Lines are read as they were written: by team and day, in order, however many there are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.adapters.ledger import DynamoLedger, read_line
from functions.adapters.lines import ledger_put
from functions.domain.errors import StoreUnavailable
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.run import ModelCall
from tests import fakes
from tests.integration.conftest import make_table
from tests.integration.test_books import TABLES

NOVEMBER = Period.month("2026-11")


def write(at: datetime, number: int = 0, team: str = "helpdesk", **changes: Any) -> dict[str, Any]:
    run = fakes.run(
        id=f"run_{number}",
        received_at=at,
        team=fakes.TEAM.model_copy(update={"name": team}),
        **changes,
    )
    run.meter.add(
        ModelCall(
            fakes.MODEL, "x", Usage(input_tokens=1), MicroUsd(number), 1, "2026-01-01T00:00:00Z"
        )
    )
    put = ledger_put(run, "succeeded", TABLES)["Put"]
    boto3.client("dynamodb").put_item(**put)
    item: dict[str, Any] = put["Item"]
    return item


@pytest.fixture
def ledger(aws: None) -> DynamoLedger:
    make_table("ledger", "pk", "sk")
    return DynamoLedger("ledger", boto3.client("dynamodb"))


def test_lines_of_a_month_are_all_there_in_their_order(ledger: DynamoLedger) -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    for number in reversed(range(30)):
        write(begin + timedelta(days=number), number)

    found = list(ledger.lines("helpdesk", NOVEMBER))

    assert [line.run for line in found] == [f"run_{n}" for n in range(30)]
    assert found[3].day == date(2026, 11, 4)


def test_a_period_has_its_first_day_and_not_its_end(ledger: DynamoLedger) -> None:
    edges = ("2026-10-31T23:59:59.999999", "2026-11-01T00:00:00", "2026-11-01T23:59:59.999999")
    for number, text in enumerate([*edges, "2026-11-02T00:00:00"]):
        write(datetime.fromisoformat(text).replace(tzinfo=UTC), number)

    def runs(first: date, end: date) -> list[str]:
        return [line.run for line in ledger.lines("helpdesk", Period(first, end))]

    assert runs(date(2026, 11, 1), date(2026, 11, 2)) == ["run_1", "run_2"]
    assert runs(date(2026, 10, 1), date(2026, 12, 1)) == ["run_0", "run_1", "run_2", "run_3"]
    assert runs(date(2026, 11, 3), date(2026, 11, 3)) == []


def test_another_team_s_lines_are_never_met(ledger: DynamoLedger) -> None:
    write(fakes.NOW, 1, team="help")
    write(fakes.NOW, 2, team="helpdesk-two")

    assert list(ledger.lines("helpdesk", NOVEMBER)) == []


def test_more_lines_than_a_page_holds_are_read_page_by_page(ledger: DynamoLedger) -> None:
    filler = "x" * 60_000
    for number in range(40):  # 2.4 MB, and a page has one
        write(
            fakes.NOW + timedelta(seconds=number), number, channel="event", idempotency_key=filler
        )

    assert sum(1 for _ in ledger.lines("helpdesk", NOVEMBER)) == 40


def test_a_line_of_before_it_said_so_much_can_be_read(ledger: DynamoLedger) -> None:
    item = write(fakes.NOW, 7)
    for name in ("cache", "zone", "region"):
        del item[name]
    del item["calls"]["L"][0]["M"]["price_since"]
    boto3.client("dynamodb").put_item(TableName="ledger", Item=item)

    (line,) = ledger.lines("helpdesk", NOVEMBER)
    assert (line.zone, line.region, line.cache) == ("unknown",) * 3
    assert line.calls[0].price_since == "unknown"


def test_a_ledger_that_is_not_there_cannot_be_reached(aws: None) -> None:
    with pytest.raises(StoreUnavailable, match="ledger"):
        list(DynamoLedger("nowhere", boto3.client("dynamodb")).lines("helpdesk", NOVEMBER))


def test_a_month_is_written_as_year_and_month() -> None:
    assert Period.month("2026-12") == Period(date(2026, 12, 1), date(2027, 1, 1))
    for wrong in ("2026-13", "2026", "11-2026", "2026-11-01", ""):
        with pytest.raises(ValueError, match=r"match|unconverted|month"):
            Period.month(wrong)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 800))
def test_the_months_of_a_period_are_the_period(first: date, days: int) -> None:
    period = Period(first, first + timedelta(days=days))
    parts = list(period.months())

    assert sum(part.days for part in parts) == days
    assert all(a.end == b.first for a, b in pairwise(parts))
    assert all(
        len({p.first.replace(day=1), (p.end - timedelta(1)).replace(day=1)}) == 1 for p in parts
    )


def test_a_line_is_read_as_it_was_written(ledger: DynamoLedger) -> None:
    item = write(fakes.NOW, 5, workflow="w")
    assert list(ledger.lines("helpdesk", NOVEMBER)) == [read_line(item)]
