"""What is declared is written, what is written is declared, and there is never more of it."""

import ast
import json
from pathlib import Path
from typing import get_args

import pytest
from aws_lambda_powertools.utilities.circuit_breaker.states import CircuitState

from functions.adapters.counters import MOST_VALUES, PowertoolsCounters
from functions.adapters.emf import EmfLines
from functions.domain import metrics
from functions.domain.errors import BY_SLUG
from functions.domain.metrics import ALL, Dimension
from functions.domain.names import RunId
from functions.domain.personal_data.entities import EntityType
from functions.domain.run import CacheUse
from functions.domain.team import Caller
from functions.pipeline.ports import DeliveryResult
from tests import fakes
from tests.measured import BALANCE, a_run, call, every_path, typical_run, written

FUNCTIONS = Path(__file__).parents[2] / "functions"
COUNTS = sorted(name for name in vars(PowertoolsCounters) if name.startswith("count_"))


BY_THE_TRAIL = {metrics.AUDIT_DEFERRED, metrics.AUDIT_LOST}
"""Written by its adapter; ``tests/integration/test_audit.py`` looks at them."""


def test_every_declared_metric_is_written_under_every_set_of_its_dimensions():
    counted = set(ALL) - BY_THE_TRAIL
    declared = {(m.name, frozenset(d.name for d in by)) for m in counted for by in m.by}
    seen = {
        (name, frozenset(dimension for dimension, _ in by))
        for name, by in written(every_path).series
    }
    assert seen == declared


@pytest.mark.parametrize("count", COUNTS)
def test_whatever_can_be_counted_is_counted_somewhere(count: str):
    def names(file: Path) -> set[str]:
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        return {node.attr for node in nodes if isinstance(node, ast.Attribute)}

    assert any(count in names(f) for f in FUNCTIONS.rglob("*.py") if f.name != "counters.py")


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (metrics.RESULT, set(get_args(DeliveryResult))),
        (metrics.CACHE, set(get_args(CacheUse)) - {"off"}),
        (metrics.STATE, {state.value for state in CircuitState}),
        (metrics.ERROR, set(BY_SLUG)),
        (metrics.ENTITY, set(EntityType)),
    ],
    ids=lambda given: given.name if isinstance(given, Dimension) else "",
)
def test_the_table_knows_all_values_of_a_dimension(dimension: Dimension, values: set[str]):
    assert set(dimension.values) == values


def test_no_caller_can_make_a_series_of_their_own():
    def runs(counters: PowertoolsCounters) -> None:
        for number in range(50):
            caller = Caller(
                subject=f"ada {number}",
                team="helpdesk",
                zone="eu",
                roles=frozenset({f"r:{number}"}),
            )
            run = a_run(
                call(answered_by=f"routed-{number}"),
                id=RunId(f"run_{number:032x}"),
                caller=caller,
                workflow=f"campaign-{number}",
                idempotency_key=f"key {number}",
            )
            counters.count_run(run, status="succeeded", seconds=number)

    one = written(lambda counters: counters.count_run(a_run(call()), status="succeeded", seconds=1))
    assert set(written(runs).series) == set(one.series)


def test_a_run_is_counted_for_its_agent_its_team_and_its_models():
    slow, fast = call(latency_ms=900), call(fakes.SECOND, latency_ms=90)
    run = a_run(slow, slow, fast, cache="miss", found=(EntityType.PERSON, EntityType.PERSON))
    told = written(lambda counters: counters.count_run(run, status="succeeded", seconds=1.5))
    assert told.values("Runs", agent="echo") == told.values("Runs", team="helpdesk") == [1]
    assert told.values("Succeeded", agent="echo") == [1]
    assert told.values("Faults", agent="echo") == [0]
    assert told.values("Latency", agent="echo") == [1500]
    assert told.values("CostMicroUsd", team="helpdesk") == [3 * 2100]
    assert told.values("CostMicroUsd", model=fakes.MODEL) == [2 * 2100]
    assert told.values("ModelLatency", model=fakes.MODEL) == [900, 900]
    assert told.values("ModelLatency", model=fakes.SECOND) == [90]
    assert told.values("InputTokens", agent="echo") == [3600]
    assert told.values("OutputTokens", model=fakes.SECOND) == [180]
    assert told.values("CacheUses", agent="echo", cache="miss") == [1]
    assert told.values("Redactions", entity_type="PERSON") == [2]
    assert told.values("Redactions", agent="echo") == [2]


@pytest.mark.parametrize("slug", BY_SLUG)
def test_a_failed_run_is_a_fault_unless_its_caller_can_mend_it(slug: str):
    told = written(lambda counters: counters.count_run(a_run(), status=slug, seconds=1))
    fault = BY_SLUG[slug].status >= 500
    assert told.values("Errors", agent="echo", error=slug) == [1]
    assert (
        told.values("Succeeded", agent="echo") == told.values("Succeeded", team="helpdesk") == [0]
    )
    assert told.values("Faults", agent="echo") == [fault]
    assert bool(told.values("Latency", agent="echo")) == fault


def test_a_run_that_is_only_accepted_has_not_ended():
    told = written(lambda counters: counters.count_run(a_run(), status="accepted", seconds=1))
    assert {name for name, _ in told.series} == {"Accepted"}


def test_what_does_not_contradict_itself_is_one_line():
    run = typical_run()
    told = written(lambda counters: counters.count_run(run, status="succeeded", seconds=1.5))
    assert [
        line["entity_type"] for line in map(json.loads, told.metrics) if "Runs" not in line
    ] == [
        "PERSON",
        "EMAIL_ADDRESS",
    ]
    assert len(told.metrics) == 3
    assert len(told.log) == 1


def test_a_run_with_more_calls_than_a_line_has_room_for_loses_none():
    run = a_run(*[call()] * (MOST_VALUES + 1))
    told = written(lambda counters: counters.count_run(run, status="succeeded", seconds=1))
    assert len(told.values("ModelLatency", model=fakes.MODEL)) == MOST_VALUES + 1
    assert sum(told.values("CostMicroUsd", model=fakes.MODEL)) == run.meter.cost_micro_usd


def test_a_budget_is_told_in_dollars_and_in_percent():
    told = written(lambda counters: counters.count_budget(BALANCE))
    assert told.values("BudgetSpentMicroUsd", team="helpdesk") == [500_000_000]
    assert told.values("BudgetReservedMicroUsd", team="helpdesk") == [40_000]
    assert told.values("BudgetUsed", team="helpdesk") == [25]


def test_a_metric_that_nobody_could_read_is_refused():
    with pytest.raises(ValueError, match="Latency is not kept by workflow"), EmfLines("x") as lines:
        lines.add({metrics.LATENCY: 1}, workflow="onboarding")
