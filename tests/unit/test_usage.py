"""Sums are the sums of the ledger, whichever days are rolled up and however they are grouped."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.domain.errors import AccessDenied, InvalidInput
from functions.domain.ledger import LedgerLine, Period
from functions.domain.roles import READ_ALL_USAGE
from functions.domain.spreadsheet import write
from functions.domain.team import Caller
from functions.domain.usage import DIMENSIONS, Sum, parts, rolled_up, total
from functions.domain.usage_query import MOST_DAYS, UsageQuery
from functions.domain.usage_report import MEASURES, UsageReport
from functions.pipeline import usage
from functions.pipeline.usage import Accounts, final_before, open_days
from tests.unit.ledger_lines import FIRST, MANY, FakeLedger, FakeRollups

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ALL = Period(FIRST, date(2026, 12, 1))
LATER = NOW + timedelta(days=30)


def accounts(held: list[LedgerLine], closed: set[date], now: datetime = LATER) -> Accounts:
    rollups = FakeRollups()
    for team in ("helpdesk", "retail"):
        for day in closed:
            mine = (line for line in held if (line.team, line.day) == (team, day))
            rollups.close(team, day, rolled_up(row for line in mine for row in parts(line)))
    return Accounts(
        ledger=FakeLedger(held), rollups=rollups, teams=("helpdesk", "retail"), now=lambda: now
    )


def query(*group_by: str, period: Period = ALL, team: str | None = None) -> UsageQuery:
    return UsageQuery(period=period, team=team, group_by=group_by)


DAYS = st.sets(st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n)))
BY = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=4)


@given(MANY, DAYS, BY)
@settings(max_examples=40)
def test_a_sum_is_what_the_lines_add_up_to(
    held: list[LedgerLine], closed: set[date], by: list[str]
) -> None:
    sums = accounts(held, closed).sums(query(*by), LATER)
    whole = total(sums.values())

    assert whole.cost_micro_usd == sum(line.cost_micro_usd for line in held)
    assert whole.runs == len(held)
    assert whole.calls == sum(len(line.calls) for line in held)
    assert whole.usage.total == sum(line.usage.total for line in held)
    assert list(sums) == sorted(sums)


@given(MANY, DAYS)
@settings(max_examples=40)
def test_a_closed_day_is_never_read_line_by_line(held: list[LedgerLine], closed: set[date]) -> None:
    found = accounts(held, closed)
    found.sums(query(), LATER)

    assert isinstance(found.ledger, FakeLedger)
    assert found.ledger.read == sum(line.day not in closed for line in held)


@given(MANY)
@settings(max_examples=40)
def test_a_team_s_sum_has_no_other_team_in_it(held: list[LedgerLine]) -> None:
    sums = accounts(held, set()).sums(query("team", team="retail"), LATER)

    assert set(sums) <= {("retail",)}
    mine = sum(line.cost_micro_usd for line in held if line.team == "retail")
    assert total(sums.values()).cost_micro_usd == mine


@given(MANY, st.integers(0, 61), st.integers(0, 61))
@settings(max_examples=40)
def test_what_two_periods_have_their_union_has(held: list[LedgerLine], a: int, b: int) -> None:
    first, second = sorted((FIRST + timedelta(days=a), FIRST + timedelta(days=b)))
    found = accounts(held, set())

    def of(period: Period) -> Sum:
        return total(found.sums(query(period=period), LATER).values())

    pieces = (Period(FIRST, first), Period(first, second), Period(second, ALL.end))
    assert total(of(piece) for piece in pieces) == of(ALL)


def test_more_lines_than_fit_into_an_answer_are_told_and_not_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(usage, "MOST_LINES", 2)
    held = some_lines(3)

    with pytest.raises(InvalidInput, match=r"More than 2 runs .* Ask for fewer days"):
        accounts(held, set()).sums(query(), LATER)
    assert accounts(held, {line.day for line in held}).sums(query(), LATER)


def test_more_groups_than_fit_into_an_answer_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_GROUPS", 2)

    with pytest.raises(InvalidInput, match="more than 2 groups"):
        accounts(some_lines(3), set()).sums(query("day"), LATER)


@pytest.mark.parametrize("held", [0, 1])
def test_adding_up_ends_before_the_caller_stops_waiting(held: int) -> None:
    with pytest.raises(InvalidInput, match="longer than an answer may"):
        accounts(some_lines(held), set()).sums(query(), LATER - timedelta(seconds=1))


def test_a_team_that_has_left_is_still_in_the_sum_of_all() -> None:
    held = some_lines(1, team="gone")
    rollups = FakeRollups()
    rollups.close("gone", held[0].day, rolled_up(parts(held[0])))
    left = Accounts(ledger=FakeLedger(held), rollups=rollups, teams=(), now=lambda: LATER)

    assert list(left.sums(query("team"), LATER)) == [("gone",)]


@given(
    st.sets(st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))),
    st.integers(-3, 12).map(lambda n: datetime(2026, 10, 1, 9, tzinfo=UTC) + timedelta(days=n)),
)
def test_open_days_are_those_that_are_neither_closed_nor_to_come(
    closed: set[date], now: datetime
) -> None:
    period = Period(FIRST, FIRST + timedelta(days=10))
    stretches = list(open_days(period, closed, now))

    days = [day for stretch in stretches for day in stretch.each()]
    assert days == [d for d in period.each() if d not in closed and d <= now.date()]
    assert all(a.end < b.first for a, b in pairwise(stretches))


def test_a_day_is_final_half_an_hour_after_it() -> None:
    assert final_before(datetime(2026, 11, 22, 0, 29, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert final_before(datetime(2026, 11, 22, 0, 30, tzinfo=UTC)) == date(2026, 11, 22)


def caller(*roles: str) -> Caller:
    return Caller(subject="ada", team="helpdesk", zone="eu", roles=frozenset(roles))


def read(who: Caller | None = None, **given: str | list[str]) -> UsageQuery:
    named = {n.rstrip("_"): [v] if isinstance(v, str) else v for n, v in given.items()}
    return UsageQuery.read(named, who or caller(), NOW)


def test_without_parameters_it_is_the_callers_team_in_this_month() -> None:
    assert read() == UsageQuery(
        period=Period(date(2026, 11, 1), date(2026, 11, 23)), team="helpdesk", group_by=()
    )


def test_dimensions_are_named_between_commas_or_one_by_one() -> None:
    assert read(group_by="agent, model").group_by == ("agent", "model")
    assert read(group_by=["agent", "model,agent"]).group_by == ("agent", "model")


@pytest.mark.parametrize(
    ("given", "pointer", "why"),
    [
        ({"from_": "yesterday"}, "/from", "such as 2026-11-01"),
        ({"from_": "2026-11-31"}, "/from", "such as 2026-11-01"),
        ({"from_": "20261101"}, "/from", "such as 2026-11-01"),
        ({"from_": ["2026-11-01", "2026-11-02"]}, "/from", "one day"),
        ({"to": "2026-11-01T00:00:00Z"}, "/to", "such as 2026-11-01"),
        ({"to": "2026-11-01"}, "/to", "later than from"),
        ({"from_": "2000-01-01", "to": "2100-01-01"}, "/to", f"{MOST_DAYS} days"),
        ({"group_by": "agent,colour"}, "/group_by", "workflow"),
        ({"group_by": ""}, "/group_by", "workflow"),
        ({"groupby": "agent"}, "/*", "group_by"),
    ],
    ids=str,
)
def test_a_parameter_that_cannot_be_understood_is_named(
    given: dict[str, Any], pointer: str, why: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(**given)
    (wrong,) = caught.value.violations
    assert wrong["pointer"] == pointer
    assert why in wrong["detail"]
    assert "colour" not in caught.value.detail


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        read(from_="x", to="y", group_by="z", colour="w")
    pointers = [wrong["pointer"] for wrong in caught.value.violations]
    assert pointers == ["/*", "/from", "/to", "/group_by"]


def test_another_team_is_refused_whether_or_not_there_is_one() -> None:
    details = set()
    for other in ("retail", "nobody", ""):
        with pytest.raises(AccessDenied, match=READ_ALL_USAGE) as caught:
            read(team=other)
        details.add(caught.value.detail)
    assert len(details) == 1
    with pytest.raises(AccessDenied):
        read(team=["helpdesk", "retail"])
    assert read(team="helpdesk").team == "helpdesk"


def test_who_may_read_all_gets_all_or_one() -> None:
    assert read(caller(READ_ALL_USAGE)).team is None
    assert read(caller(READ_ALL_USAGE), team="retail").team == "retail"


def report(held: list[LedgerLine], *by: str) -> UsageReport:
    return UsageReport(
        query=query(*by),
        zone="eu",
        region="eu-central-1",
        final_before=date(2026, 11, 22),
        sums=accounts(held, set()).sums(query(*by), LATER),
    )


def test_a_report_tells_integers_to_reckon_with_and_dollars_to_read() -> None:
    shown = report(some_lines(2), "workflow").shown()

    (group,) = shown["groups"]
    assert group["workflow"] == "onboarding"
    assert (group["runs"], group["calls"], group["cost_micro_usd"]) == (2, 2, 2_200_000)
    assert group["cost_usd"] == shown["total"]["cost_usd"] == "2.200000"
    assert group["tokens"] == {
        "input": 2_000_000,
        "output": 0,
        "cache_read": 0,
        "cache_write": 0,
        "cache_write_hour": 0,
    }
    assert (shown["from"], shown["to"], shown["currency"]) == ("2026-10-01", "2026-12-01", "USD")
    assert Sum.read(group) == total(report(some_lines(2)).sums.values())


@given(MANY, BY)
@settings(max_examples=40)
def test_a_table_has_the_groups_of_the_report(held: list[LedgerLine], by: list[str]) -> None:
    found = report(held, *by)
    header, *rows = csv.reader(io.StringIO(found.table(), newline=""), strict=True)

    assert header == [*by, *MEASURES]
    assert len(rows) == len(found.sums)
    assert sum(int(row[-2]) for row in rows) == sum(line.cost_micro_usd for line in held)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])  # noqa: RUF001  # a full-width sign
def test_a_text_that_a_spreadsheet_would_reckon_with_is_none_any_more(sign: str) -> None:
    ((cell, number),) = csv.reader(io.StringIO(write((f"{sign}HYPERLINK(1)", 3), []), newline=""))  # type: ignore[arg-type]  # a number among names
    assert cell == f"'{sign}HYPERLINK(1)"
    assert number == "3"


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_whatever_a_text_holds_it_stays_one_cell(texts: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(write(texts, []), newline=""), strict=True)
    assert [cell.removeprefix("'") for cell in row] == [text.removeprefix("'") for text in texts]


def some_lines(number: int, team: str = "helpdesk") -> list[LedgerLine]:
    """Lines of a million tokens each, one a day."""
    from dataclasses import replace

    from functions.domain.ledger import LedgerCall
    from functions.domain.names import MicroUsd
    from functions.domain.pricing import Usage
    from tests import fakes
    from tests.unit.ledger_lines import VERSIONS

    call = LedgerCall(
        model=fakes.MODEL,
        answered_by=fakes.MODEL,
        usage=Usage(input_tokens=1_000_000),
        cost_micro_usd=MicroUsd(1_100_000),
        latency_ms=1,
        price_since=VERSIONS[0],
    )
    line = LedgerLine(
        time=datetime(2026, 11, 1, 12, tzinfo=UTC),
        run="run_1",
        team=team,
        business_unit="Unit",
        cost_centre="CC-1",
        workflow="onboarding",
        agent="echo",
        channel="http",
        status="succeeded",
        cache="off",
        zone="eu",
        region="eu-central-1",
        event=None,
        calls=(call,),
        cost_micro_usd=MicroUsd(1_100_000),
    )
    return [replace(line, time=line.time + timedelta(days=n)) for n in range(number)]
