"""What the nightly job looks at and counts, and what a person is answered."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from functions.adapters.counters import PowertoolsCounters
from functions.bootstrap.reconciler import Reconciler
from functions.domain import metrics
from functions.domain.ledger import Period
from functions.domain.names import MicroUsd
from functions.domain.reconciliation.finding import EXACT, Account, Finding, Tolerance
from functions.entrypoints import reconciler
from functions.pipeline.reconcile import Reconciliation
from tests import fakes

NIGHT = datetime(2026, 11, 4, 3, 30, tzinfo=UTC)
MODEL = fakes.MODEL


@dataclass
class FakeReconciliation:
    """Finds a dollar of drift, or cannot say; keeps the periods that it was asked for."""

    known: bool = True
    log: Any = None
    tolerance: Tolerance = EXACT
    asked: list[str] = field(default_factory=list)

    def reconcile(self, period: Period, *, billed_until: object) -> list[Finding]:
        self.asked.append(f"{period.first} {period.end}")
        provider = Account(cost_micro_usd=MicroUsd(4_000_000)) if self.known else None
        found = Finding(
            source="metrics",
            subject=MODEL,
            period=period,
            ledger=Account(cost_micro_usd=MicroUsd(3_000_000)),
            provider=provider,
            drift_micro_usd=1_000_000 if self.known else None,
            reason=None if self.known else "nobody knows",
        )
        return [found.judged(EXACT)]


def parts(fake: FakeReconciliation, now: datetime = NIGHT) -> Reconciler:
    return Reconciler(
        reconciliation=fake,  # type: ignore[arg-type]  # a fake of one method
        counters=PowertoolsCounters("gatehouse", Logger("test")),
        now=lambda: now,
    )


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ZONE", "eu"), ("REGION", "eu-central-1")):
        monkeypatch.setenv(f"GATEHOUSE_{name}", value)


def counted(out: str) -> dict[tuple[str, str], float]:
    """Every metric that was written, by its name and its dimension besides the service."""
    found = {}
    for line in filter(lambda each: "_aws" in each, out.splitlines()):
        written = json.loads(line)
        for said in written["_aws"]["CloudWatchMetrics"]:
            for metric in said["Metrics"]:
                (names,) = said["Dimensions"]
                (by,) = [written[name] for name in names if name != "service"]
                (found[metric["Name"], by],) = written[metric["Name"]]
    return found


def test_a_night_looks_at_yesterday_and_at_its_month(capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeReconciliation()

    found = reconciler.nightly(parts(fake))

    assert fake.asked == ["2026-11-03 2026-11-04", "2026-11-01 2026-11-04"]
    assert found["result"] == "drifts"
    assert counted(capsys.readouterr().out) == {
        (metrics.RECONCILIATIONS.name, "agrees"): 0,
        (metrics.RECONCILIATIONS.name, "drifts"): 2,
        (metrics.RECONCILIATIONS.name, "unknown"): 0,
        (metrics.LEDGER_DRIFT.name, MODEL): 1_000_000,
        (metrics.LEDGER_DRIFT_PERCENT.name, MODEL): 25.0,
    }


def test_a_drift_that_is_not_known_is_no_drift_of_zero(capsys: pytest.CaptureFixture[str]) -> None:
    reconciler.nightly(parts(FakeReconciliation(known=False)))

    found = counted(capsys.readouterr().out)
    assert found[metrics.RECONCILIATIONS.name, "unknown"] == 2
    assert (metrics.LEDGER_DRIFT.name, MODEL) not in found


def test_on_the_first_of_a_month_the_month_is_the_last_one() -> None:
    fake = FakeReconciliation(log="one that is on")

    reconciler.nightly(parts(fake, datetime(2026, 12, 1, 3, 30, tzinfo=UTC)))

    assert fake.asked == ["2026-11-30 2026-12-01"], "a log is read for one day only"


@pytest.mark.parametrize(
    ("asked", "looked_at"),
    [
        ({"month": "2026-11"}, "2026-11-01 2026-11-04"),
        ({"month": "2026-11", "today": True}, "2026-11-01 2026-11-05"),
        ({"month": "2026-10", "exact": True}, "2026-10-01 2026-11-01"),
    ],
)
def test_a_person_is_answered_for_the_days_that_are_over(
    asked: dict[str, Any], looked_at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeReconciliation()

    reconciler.monthly(parts(fake), reconciler.Asked.model_validate({**asked, "exact": False}))

    assert fake.asked == [looked_at]
    assert counted(capsys.readouterr().out) == {}, "looking is not counted"


def test_a_month_that_has_no_whole_day_yet_is_not_known() -> None:
    asked = reconciler.Asked(month="2026-12")

    found = reconciler.monthly(parts(FakeReconciliation()), asked)

    assert found == {"problem": "no day of 2026-12 is over yet"}


@pytest.mark.parametrize(
    "event", [{}, {"month": "2026-13"}, {"month": "November"}, {"month": "2026-11", "x": 1}]
)
def test_what_cannot_be_answered_says_how_to_ask(event: dict[str, Any]) -> None:
    assert (
        "'month': '2026-11'"
        in reconciler.answer(event, lambda: parts(FakeReconciliation()))["problem"]
    )


def test_nothing_is_tolerated_where_that_is_asked() -> None:
    loose = Reconciliation(
        teams=[],
        models=[],
        ledger=None,  # type: ignore[arg-type]  # not looked at, as the next
        metrics=None,  # type: ignore[arg-type]
        log=None,
        bill=None,
        prices=fakes.prices(),
        tolerance=Tolerance(EXACT.percent + 1, EXACT.usd + 1),
    )
    held = Reconciler(
        reconciliation=loose, counters=parts(FakeReconciliation()).counters, now=lambda: NIGHT
    )

    assert held.exactly().reconciliation.tolerance == EXACT
