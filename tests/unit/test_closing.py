"""Closed days: their FOCUS files fit the published columns, and add up to the ledger."""

import csv
import gzip
import io
import json
import tomllib
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from functions.domain.focus import COLUMNS, VERSION
from functions.domain.ledger import UNKNOWN, LedgerLine, Period
from functions.domain.pricing import PriceList
from functions.entrypoints.exporter import read_days
from functions.pipeline.closing import Closing
from tests.unit.ledger_lines import (
    MANY,
    PRICES,
    FakeExports,
    FakeLedger,
    FakeRollups,
    FakeSpenders,
)
from tests.unit.test_usage import some_lines

SPECIFICATION: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[1] / "data/focus/cost-and-usage-1.4.toml").read_text(encoding="utf-8")
)
PUBLISHED: dict[str, dict[str, Any]] = SPECIFICATION["columns"]
NOW = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
Found = dict[str, str]


def closing(held: list[LedgerLine], prices: PriceList = PRICES) -> Closing:
    return Closing(
        account="111122223333",
        ledger=FakeLedger(held),
        rollups=FakeRollups(),
        spenders=FakeSpenders(),
        exports=FakeExports(),
        prices=prices,
    )


def close_all(found: Closing, held: list[LedgerLine]) -> Closing:
    """Close every day that has lines."""
    for day in sorted({line.day for line in held}):
        found.close(day)
    return found


def exported(found: Closing) -> dict[date, bytes]:
    assert isinstance(found.exports, FakeExports)
    return found.exports.files


def rows(file: bytes) -> list[Found]:
    text = gzip.decompress(file).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def all_rows(held: list[LedgerLine]) -> list[Found]:
    found = close_all(closing(held), held)
    return [row for file in exported(found).values() for row in rows(file)]


@given(MANY)
@settings(max_examples=40)
def test_the_billed_cost_of_all_rows_is_the_ledger_s_to_the_micro_dollar(
    held: list[LedgerLine],
) -> None:
    billed = sum((Decimal(row["BilledCost"]) for row in all_rows(held)), Decimal(0))

    assert billed * 1_000_000 == sum(line.cost_micro_usd for line in held)


@given(MANY)
@settings(max_examples=40)
def test_so_it_is_for_every_team_day_agent_model_and_workflow(held: list[LedgerLine]) -> None:
    billed: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    tokens: dict[tuple[str, ...], int] = defaultdict(int)
    for row in all_rows(held):
        names = ("SubAccountId", "x_Agent", "x_ModelId", "x_Workflow", "ChargePeriodStart")
        key = tuple(row[name] for name in names)
        billed[key] += Decimal(row["BilledCost"]) * 1_000_000
        tokens[key] += int(Decimal(row["ConsumedQuantity"]))
    for line in held:
        for call in line.calls:
            day = f"{line.day}T00:00:00Z"
            key = (line.team, line.agent, call.model, line.workflow, day)
            billed[key] -= call.cost_micro_usd
            tokens[key] -= call.usage.total
    assert not any(billed.values())
    assert not any(tokens.values())


@given(MANY)
@settings(max_examples=40)
def test_every_row_fits_the_published_columns(held: list[LedgerLine]) -> None:
    for row in all_rows(held):
        for name, value in row.items():
            if not name.startswith("x_"):
                _check(name, value)
        assert Decimal(row["ListCost"]) == Decimal(row["ListUnitPrice"]) * Decimal(
            row["PricingQuantity"]
        )
        assert row["ContractedCost"] == row["ListCost"]
        assert row["EffectiveCost"] == row["BilledCost"]
        assert Decimal(row["BilledCost"]) >= Decimal(row["ListCost"])
        assert Decimal(row["PricingQuantity"]) * 1_000_000 == Decimal(row["ConsumedQuantity"]) > 0
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["BillingPeriodEnd"]
        assert all(key.startswith("gatehouse:") for key in json.loads(row["Tags"]))


def _check(name: str, value: str) -> None:
    """A value as the specification wants it: present, of its type, and one of those allowed."""
    column = PUBLISHED[name]
    if not value:
        assert column["nulls"], name
        return
    assert value in column.get("allowed", [value]), (name, value)
    match column["type"]:
        case "Decimal":
            assert Decimal(value).is_finite()
            assert set(value) <= set("0123456789.-"), (name, value)
        case "DateTime":
            datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        case "JSON":
            assert isinstance(json.loads(value), dict)


def test_it_has_every_mandatory_column_and_none_that_is_not_published() -> None:
    ours = [name for name in COLUMNS if name.startswith("x_")]
    theirs = [name for name in COLUMNS if not name.startswith("x_")]

    assert SPECIFICATION["version"] == VERSION
    assert {n for n, c in PUBLISHED.items() if c["level"] == "mandatory"} <= set(theirs)
    assert set(theirs) <= set(PUBLISHED)
    assert list(COLUMNS) == [*sorted(theirs), *sorted(ours)]


def test_a_name_that_a_spreadsheet_would_reckon_with_is_none_in_the_file() -> None:
    (line,) = some_lines(1)
    (row,) = all_rows([replace(line, business_unit="=cmd()")])

    assert row["x_BusinessUnit"] == "'=cmd()"
    assert json.loads(row["Tags"])["gatehouse:business_unit"] == "=cmd()"


def test_the_dearest_kind_bears_what_rounding_added() -> None:
    (line,) = some_lines(1)
    usage = line.calls[0].usage.model_copy(update={"input_tokens": 1, "cache_read_tokens": 1})
    call = replace(
        line.calls[0],
        usage=usage,
        cost_micro_usd=PRICES.of("eu.test.model-v1:0", line.time).cost(usage),
    )
    found = {row["SkuMeter"]: row for row in all_rows([replace(line, calls=(call,))])}

    assert call.cost_micro_usd == 2
    assert found["Cache Read Tokens"]["BilledCost"] == "0.00000011"
    assert found["Input Tokens"]["ListCost"] == "0.0000011"
    assert found["Input Tokens"]["BilledCost"] == "0.00000189"


def test_a_line_of_before_lines_named_their_price_has_that_of_its_day() -> None:
    (line,) = some_lines(1)
    old = replace(line, calls=(replace(line.calls[0], price_since=UNKNOWN),))
    (row,) = all_rows([old])
    assert row["SkuPriceId"].endswith("/2026-01-01T00:00:00Z")


def test_a_price_that_is_gone_stops_the_day_and_leaves_it_due() -> None:
    found = closing(some_lines(1), PriceList(()))
    with pytest.raises(LookupError, match="no price"):
        found.close(date(2026, 11, 1))
    assert date(2026, 11, 1) in set(found.due(NOW))
    assert exported(found) == {}


@given(MANY)
@settings(max_examples=40)
def test_the_same_lines_give_the_same_bytes(held: list[LedgerLine]) -> None:
    first = close_all(closing(held), held)
    before = dict(exported(first))
    again = close_all(closing(list(reversed(held))), held)

    assert exported(again) == before
    assert exported(close_all(first, held)) == before


def test_days_are_due_when_they_are_over_until_they_are_closed() -> None:
    found = closing(some_lines(3))
    month = datetime(2026, 11, 3, 0, 29, tzinfo=UTC)

    assert list(found.due(month)) == [*Period.month("2026-10").each(), date(2026, 11, 1)]
    closed = [one.day for one in found.close_due(month, lambda: True)]
    assert len(closed) == 32
    assert list(found.due(month)) == []
    assert list(found.due(month + timedelta(minutes=1))) == [date(2026, 11, 2)]
    assert list(exported(found)) == [date(2026, 11, 1)]


def test_the_first_days_of_a_month_close_the_former_one() -> None:
    found = closing([])
    due = list(found.due(datetime(2026, 12, 1, 1, tzinfo=UTC)))
    assert (due[0], due[-1]) == (date(2026, 11, 1), date(2026, 11, 30))


def test_what_there_was_no_time_for_is_due_the_next_time() -> None:
    found = closing(some_lines(1))
    time = iter([True, True, False])

    assert len(list(found.close_due(NOW, lambda: next(time)))) == 2
    assert next(found.due(NOW)) == date(2026, 11, 3)


def test_a_day_that_is_not_over_cannot_be_closed_by_hand() -> None:
    found = closing([])
    with pytest.raises(ValueError, match="all before 2026-12-01"):
        found.close_again(Period(date(2026, 12, 1), date(2026, 12, 2)), NOW, lambda: True)
    again = found.close_again(Period(date(2026, 11, 29), date(2026, 12, 1)), NOW, lambda: True)
    assert [one.day.day for one in again] == [29, 30]


@pytest.mark.parametrize(
    "event",
    [{}, {"from": "2026-11-01"}, {"from": "soon", "to": "2026-11-02"}, {"from": 1, "days": 3}],
    ids=str,
)
def test_days_that_an_operator_does_not_name_rightly_are_told_how(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name days such as .* wrong: "):
        read_days(event)


def test_an_operator_names_days_as_everybody_does() -> None:
    asked = read_days({"from": "2026-11-01", "to": "2026-11-08"})
    assert asked == Period(date(2026, 11, 1), date(2026, 11, 8))
