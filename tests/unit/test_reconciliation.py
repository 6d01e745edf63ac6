"""What is made of two accounts of the same: agreement, drift, or an honest 'not known'."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.domain.ledger import LedgerCall, LedgerLine, Period
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.reconciliation import by_bill, by_logs, by_metrics
from functions.domain.reconciliation.books import Books
from functions.domain.reconciliation.by_logs import LoggedCall
from functions.domain.reconciliation.by_metrics import Reading
from functions.domain.reconciliation.finding import (
    EXACT,
    CannotRead,
    Finding,
    Tolerance,
    overall,
    settled,
)
from functions.domain.zone import Reconciling
from functions.pipeline.reconcile import Reconciliation, billed_day, settled_day
from tests import fakes

FIRST = date(2026, 11, 3)
DAYS = Period(FIRST, FIRST + timedelta(days=2))
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
USAGE = Usage(input_tokens=1000, output_tokens=100)
FIGURES = {"input": 1000, "output": 100, "cache_read": 0, "cache_write": 0}
PRICES = fakes.prices()
DEFAULT = Tolerance(Reconciling().tolerance_percent, Reconciling().tolerance_usd)


def line(run: str = "run_1", at: datetime = NOON, *usages: Usage, **changes: Any) -> LedgerLine:
    calls = tuple(
        LedgerCall(
            model=changes.get("model", fakes.MODEL),
            answered_by="test",
            usage=usage,
            cost_micro_usd=PRICES.of(fakes.MODEL, NOON).cost(usage),
            latency_ms=1,
            price_since="",
        )
        for usage in usages or (USAGE,)
    )
    return LedgerLine(
        time=at,
        run=run,
        team="helpdesk",
        business_unit=changes.get("business_unit", "Care"),
        cost_centre="CC-1",
        workflow="w",
        agent="echo",
        channel="http",
        status="succeeded",
        cache="off",
        zone="eu",
        region="eu-central-1",
        event=None,
        calls=calls,
        cost_micro_usd=MicroUsd(sum(call.cost_micro_usd for call in calls)),
    )


def by_metric(
    lines: Sequence[LedgerLine], readings: Any, tolerance: Tolerance = EXACT, **changes: Any
) -> Finding:
    books, prices = Books.of(lines), changes.get("prices", PRICES)
    model = changes.get("model", fakes.MODEL)
    return by_metrics.compare(model, DAYS, books, readings, prices, tolerance)


def test_equal_sums_agree() -> None:
    found = by_metric([line()], {(fakes.MODEL, FIRST): Reading(FIGURES, 1)})

    assert (found.result, found.drift_micro_usd) == ("agrees", 0)
    assert found.drift_percent == Decimal(0)
    assert found.provider is not None
    assert (found.provider.calls, found.ledger.calls) == (1, 1)


def test_a_drift_is_above_zero_where_the_ledger_lacks_something() -> None:
    more = {(fakes.MODEL, FIRST): Reading({**FIGURES, "input": 2000})}
    less = {(fakes.MODEL, FIRST): Reading({**FIGURES, "input": 0})}

    assert by_metric([line()], more).drift_micro_usd == 1000
    assert by_metric([line()], less).drift_micro_usd == -1000
    assert by_metric([line()], more).drift_percent == Decimal("40.00")


def test_a_model_that_only_the_provider_knows_drifts_by_all_of_it() -> None:
    found = by_metric([], {(fakes.MODEL, FIRST): Reading(FIGURES)})

    assert (found.result, found.drift_percent) == ("drifts", Decimal(100))


def test_a_model_that_neither_side_has_used_agrees() -> None:
    assert by_metric([], {}).result == "agrees"


@pytest.mark.parametrize("kind", ["input", "output"])
def test_a_figure_that_is_missing_is_not_taken_for_one_that_matches(kind: str) -> None:
    figures = {name: n for name, n in FIGURES.items() if name != kind}

    found = by_metric([line()], {(fakes.MODEL, FIRST): Reading(figures)}, DEFAULT)

    assert (found.result, found.provider, found.drift_micro_usd) == ("unknown", None, None)
    assert found.reason == (
        f"CloudWatch has no {kind} tokens on 2026-11-03 (of 2 days), and the ledger has some"
    )


def test_days_without_any_figure_are_named_and_make_the_rest_unknown() -> None:
    lines = [line(), line("run_2", NOON + timedelta(days=1))]

    found = by_metric(lines, {(fakes.MODEL, FIRST): Reading(FIGURES)}, DEFAULT)

    assert found.result == "unknown"
    assert "no input, output tokens on 2026-11-04" in (found.reason or "")


def test_what_is_known_to_drift_drifts_also_when_other_figures_are_missing() -> None:
    readings = {(fakes.MODEL, FIRST): Reading({"input": 9_000_000})}

    found = by_metric([line()], readings, DEFAULT)

    assert found.result == "drifts"
    assert "no output tokens" in (found.reason or "")


def test_a_cache_for_an_hour_is_counted_with_the_other_writes() -> None:
    usage = Usage(input_tokens=1, cache_write_tokens=30, cache_write_hour_tokens=12)
    figures = {"input": 1, "cache_write": 42}

    found = by_metric([line("run_1", NOON, usage)], {(fakes.MODEL, FIRST): Reading(figures)})

    assert (found.result, found.drift_micro_usd) == ("agrees", 0)


def test_a_model_without_a_price_is_not_known() -> None:
    readings = {("eu.test.other", FIRST): Reading(FIGURES)}

    found = by_metric([], readings, model="eu.test.other")

    assert found.result == "unknown"
    assert "no price for the model 'eu.test.other'" in (found.reason or "")


@pytest.mark.parametrize(
    ("drift", "of", "fits"),
    [
        (1_000_000, 0, True),  # a dollar, whatever it is of
        (1_000_001, 0, False),
        (-1_000_001, 0, False),
        (5_000_000, 500_000_000, True),  # one percent of more
        (5_000_001, 500_000_000, False),
    ],
)
def test_the_larger_of_one_percent_and_one_dollar_is_tolerated(
    drift: int, of: int, *, fits: bool
) -> None:
    assert DEFAULT.allows(drift, of) is fits


def logged(run: str = "run_1", at: datetime = NOON, usage: Usage = USAGE) -> LoggedCall:
    return LoggedCall(run, fakes.MODEL, at, usage)


def by_log(
    lines: Sequence[LedgerLine], calls: Sequence[LoggedCall], tolerance: Tolerance = EXACT
) -> Finding:
    (found,) = by_logs.compare(DAYS, lines, calls, PRICES, tolerance, [fakes.MODEL])
    return found


def test_the_log_names_the_runs_that_one_side_lacks() -> None:
    found = by_log([line("both"), line("charged")], [logged("both"), logged("answered")])

    assert (found.lost, found.doubled) == (("answered",), ("charged",))
    assert found.drift_micro_usd == 0, "they are worth the same"
    assert found.as_data()["lost"] == ["answered"]


def test_a_run_with_other_tokens_than_the_log_is_on_both_lists() -> None:
    found = by_log([line()], [logged(usage=USAGE + Usage(input_tokens=7))])

    assert (found.lost, found.doubled, found.drift_micro_usd) == (("run_1",), ("run_1",), 7)
    assert found.result == "drifts"


def test_a_run_that_is_charged_twice_has_one_call_too_many() -> None:
    twice = [line(), replace(line(), time=NOON + timedelta(minutes=1))]

    assert by_log(twice, [logged()]).doubled == ("run_1",)
    assert by_log(twice, [logged(), logged()]).result == "agrees", "a repair asks twice"


def test_a_run_may_pass_midnight_on_either_side() -> None:
    before = datetime(2026, 11, 2, 23, 59, 50, tzinfo=UTC)
    after = datetime(2026, 11, 4, 23, 59, 50, tzinfo=UTC)
    lines = [line("first", before), line("last", after)]
    later = timedelta(seconds=20)
    calls = [logged("first", before + later), logged("last", after + later)]

    found = by_log(lines, calls)

    assert (found.result, found.lost, found.doubled) == ("agrees", (), ())
    assert by_logs.lines_needed(DAYS).first == before.date()
    first, end = by_logs.window(DAYS)
    assert all(first <= call.at < end for call in calls)


def test_an_empty_log_is_not_taken_for_a_ledger_of_inventions() -> None:
    found = by_log([line()], [])

    assert (found.result, found.drift_micro_usd) == ("unknown", None)
    assert "no call of this zone" in (found.reason or "")


def test_a_bill_is_compared_by_the_value_of_the_tag() -> None:
    books = Books.of([line(business_unit="R&D"), line("run_2", business_unit="R-D")])

    (found,) = by_bill.compare(DAYS, books, {"R-D": 3000}, {"R&D", "R-D"}, EXACT)

    assert (found.subject, found.result) == ("R-D", "agrees")


def test_a_tag_that_was_never_activated_is_no_bill_of_zero() -> None:
    (found,) = by_bill.compare(DAYS, Books.of([line()]), {}, {"Care"}, EXACT)

    assert found.result == "unknown"
    assert "activate it" in (found.reason or "")


class Broken:
    """Sources that cannot be read."""

    def readings(self, *_: Any) -> Any:
        raise CannotRead("CloudWatch cannot be read (AccessDenied)")

    def calls(self, *_: Any) -> Any:
        raise CannotRead("there is no log group")

    def by_business_unit(self, *_: Any) -> Any:
        raise CannotRead("Cost Explorer cannot be asked (AccessDenied)")


class Lines:
    def lines(self, team: str, period: Period) -> Any:
        return (each for each in [line()] if each.day in period)


@pytest.mark.parametrize("log", [None, Broken()])
def test_a_source_that_cannot_be_read_leaves_everything_unknown(log: Any) -> None:
    broken = Reconciliation(
        teams=[fakes.TEAM],
        models=[fakes.MODEL, fakes.SECOND],
        ledger=Lines(),
        metrics=Broken(),
        log=log,
        bill=Broken(),
        prices=PRICES,
        tolerance=DEFAULT,
    )

    found = broken.reconcile(DAYS, billed_until=DAYS.end)

    assert [each.subject for each in found] == [fakes.MODEL, fakes.SECOND, "Customer Care"]
    assert {each.result for each in found} == {"unknown"} == {overall(found)}
    assert all(each.reason for each in found)
    assert found[0].ledger.cost_micro_usd == 1500, "what was charged is told all the same"


def test_the_worst_counts_and_nothing_is_not_known() -> None:
    agrees, drifts = by_metric([], {}), by_metric([], {(fakes.MODEL, FIRST): Reading(FIGURES)})

    assert overall([agrees]) == "agrees"
    assert overall([agrees, by_log([line()], [])]) == "unknown"
    assert overall([agrees, drifts, by_log([line()], [])]) == "drifts"
    assert overall([]) == "unknown"


def test_a_day_counts_when_its_figures_are_complete() -> None:
    assert settled_day(datetime(2026, 11, 4, 2, 59, tzinfo=UTC)) == date(2026, 11, 3)
    assert settled_day(datetime(2026, 11, 4, 3, 0, tzinfo=UTC)) == date(2026, 11, 4)
    assert billed_day(datetime(2026, 11, 4, 3, 0, tzinfo=UTC)) == date(2026, 11, 2)
    month = Period.month("2026-11")
    assert settled(month, date(2026, 11, 4)).days == 3
    assert settled(month, date(2026, 12, 9)) == month
    assert settled(month, date(2026, 10, 9)).days == 0
