"""What is watched is data: it can only be of metrics that there are, and it draws what it says."""

import re
from itertools import combinations, pairwise
from typing import Any

import pytest

from functions.domain import metrics
from functions.domain.agent import AgentManifest
from functions.domain.objectives import Objectives
from infra.watching.agent_board import AgentNames, agent_board
from infra.watching.alarms import Watch
from infra.watching.cloudwatch import body, renamed
from infra.watching.objectives import BURNS, LEAST_FAULTS, LEAST_RUNS, pairs
from infra.watching.panels import Board, placed
from infra.watching.readings import AWS_METRICS, Breakdown, Formula, Reading, own
from infra.watching.region_board import AUDIT_DESTINATIONS, RegionNames, region_board

MANIFEST = AgentManifest(
    name="echo",
    version="1.0.0",
    title="Echo",
    description="Says again what it has heard.",
    owner="platform@example.com",
    roles=frozenset({"echo:run"}),
    models={"eu": ("eu.model-v1",)},
    timeout_seconds=20,
)
AGENT = agent_board(
    "Echo",
    AgentNames(
        agent="echo",
        function="function",
        queue="queue",
        dead_letters="dead",
        availability_percent=99.5,
        latency_percent=95,
        quick_ms=10_000,
    ),
)
REGION = region_board(
    "Region",
    RegionNames(
        api="api",
        stage="live",
        stream="stream",
        audit=AUDIT_DESTINATIONS,
        functions={"http": "function"},
        tables={"Ledger": "table"},
    ),
)
BOARDS = pytest.mark.parametrize("board", [AGENT, REGION], ids=lambda board: board.title)
NAME = re.compile(r"[a-z_]\w*")
FUNCTIONS_OF_MATH = {"FILL", "IF"}


def readings(board: Board) -> list[Reading]:
    found: list[Reading] = []
    for panel in board.panels:
        for shown in panel.series.values():
            match shown:
                case Reading():
                    found.append(shown)
                case Formula(terms=terms):
                    found += terms.values()
    return found


def test_what_nobody_writes_cannot_be_read():
    with pytest.raises(ValueError, match="Latency is not kept by team"):
        own(metrics.LATENCY, team="helpdesk")
    with pytest.raises(ValueError, match="Errors is not kept by team"):
        Breakdown(metric=metrics.ERRORS, by=("team",), where={})


def test_every_metric_of_ours_is_on_a_board():
    named = {r.name for board in (AGENT, REGION) for r in readings(board)}
    shown = [s for board in (AGENT, REGION) for p in board.panels for s in p.series.values()]
    named |= {s.metric.name for s in shown if isinstance(s, Breakdown)}
    assert {metric.name for metric in metrics.ALL} <= named


def test_every_metric_of_aws_that_is_listed_is_read_somewhere():
    read = {(r.namespace, r.name) for board in (AGENT, REGION) for r in readings(board)}
    listed = {(metric.namespace, metric.name) for metric in AWS_METRICS}
    assert listed == {each for each in read if each[0] != metrics.NAMESPACE}


@BOARDS
def test_panels_fill_a_grid_of_24_and_lie_on_no_other(board: Board):
    places = [*placed(board)]
    assert all(p.x + p.width <= 24 and p.height > 0 for p in places)
    for one, other in combinations(places, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@BOARDS
def test_a_formula_uses_its_terms_and_nothing_else(board: Board):
    for panel in board.panels:
        for shown in panel.series.values():
            if isinstance(shown, Formula):
                assert set(NAME.findall(shown.expression)) == set(shown.terms), panel.title


@BOARDS
def test_a_widget_draws_each_series_under_its_label_with_ids_of_its_own(board: Board):
    drawn = {
        w["properties"]["title"]: w for w in body(board, "eu-central-1")["widgets"] if _metric(w)
    }
    assert [*drawn] == [panel.title for panel in board.panels]
    for panel in board.panels:
        rows = drawn[panel.title]["properties"]["metrics"]
        ids = [row[-1]["id"] for row in rows if "id" in row[-1]]
        assert len(ids) == len(set(ids)), panel.title
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", id_) for id_ in ids), panel.title
        labels = [row[-1]["label"] for row in rows if row[-1].get("visible", True)]
        assert len(labels) == len(panel.series), panel.title
        for expression in (row[-1].get("expression", "") for row in rows):
            if "SEARCH" not in expression:
                assert set(re.findall(r"[a-z_]+\d+", expression)) <= set(ids), panel.title


def test_a_limit_is_drawn_as_a_line():
    (widget,) = (w for w in _widgets(AGENT) if w["properties"]["title"] == "Availability")
    assert widget["properties"]["annotations"]["horizontal"] == [
        {"value": 99.5, "label": "promised"}
    ]


def test_a_breakdown_asks_for_exactly_its_dimensions():
    shown = Breakdown(metric=metrics.COST, by=("team",), where={}, divisor=1_000_000, most=5)
    assert shown.expression == (
        "SORT(SEARCH('{Gatehouse,service,team} MetricName=\"CostMicroUsd\"', 'Sum', 300)/1000000,"
        " MAX, DESC, 5)"
    )
    assert shown.label == "${PROP('Dim.team')}"
    kinds = Breakdown(metric=metrics.ERRORS, by=("error",), where={"agent": "echo"})
    assert '{Gatehouse,agent,error,service} MetricName="Errors" agent="echo"' in kinds.expression


def test_a_term_is_renamed_as_a_word_and_nowhere_else():
    assert (
        renamed("IF(bad > 5, bad / badly, 0)", {"bad": "bad1"}) == "IF(bad1 > 5, bad1 / badly, 0)"
    )


def test_an_alarm_has_one_threshold():
    lost = own(metrics.AUDIT_LOST)
    with pytest.raises(ValueError, match="one threshold"):
        Watch(name="x", section="lag", says="", reading=lost)
    with pytest.raises(ValueError, match="one threshold"):
        Watch(name="x", section="lag", says="", reading=lost, above=1, below=2)


def test_a_budget_burns_by_the_workbooks_windows():
    assert [(b.factor, b.long_minutes / 60, b.short_minutes / 60, b.severity) for b in BURNS] == [
        (14.4, 1, 1 / 12, "page"),
        (6, 6, 0.5, "page"),
        (3, 24, 2, "ticket"),
        (1, 72, 6, "ticket"),
    ]
    shares = [burn.factor * burn.long_minutes / (30 * 24 * 60) for burn in BURNS]
    assert shares == pytest.approx([0.02, 0.05, 0.1, 0.1])
    assert all(burn.long_minutes == 12 * burn.short_minutes for burn in BURNS)
    assert all(fast.factor > slow.factor for fast, slow in pairwise(BURNS))


def failing(percent: float) -> list[tuple[float, float]]:
    promised = Objectives(availability_percent=percent)
    manifest = MANIFEST.model_copy(update={"objectives": promised})
    return [(pair.long.above or 0, pair.short.above or 0) for pair in pairs(manifest)][::2]


@pytest.mark.parametrize("percent", [95, 99.5, 99.9, 99.99])
def test_an_agent_that_fails_burns_as_fast_as_its_promise_is_strict(percent: float):
    budget = 100 - percent
    for burn, (long, short) in zip(BURNS, failing(percent), strict=True):
        assert long == short == pytest.approx(burn.factor * budget, abs=1e-4)
        assert long <= 100, "an alarm that no outage could raise"


def test_a_slow_agent_is_told_by_the_share_of_quick_runs():
    slow = [*pairs(MANIFEST)][1::2]
    assert [pair.short.below for pair in slow] == [28, 70, 85, 95]
    for pair in slow:
        assert isinstance(pair.short.reading, Reading)
        assert pair.short.reading.statistic == "PR(:10000)"


def test_few_runs_raise_no_alarm_in_the_window_that_matters():
    fails, slow = [*pairs(MANIFEST)][:2]
    assert isinstance(fails.long.reading, Formula)
    assert isinstance(slow.long.reading, Formula)
    assert fails.long.reading.expression.startswith(f"IF(bad >= {LEAST_FAULTS}, ")
    assert slow.long.reading.expression.startswith(f"IF(valid >= {LEAST_RUNS}, ")


def test_what_a_caller_did_wrong_is_neither_bad_nor_counted():
    """Latency has no sample of a refused run, and Faults none that is not 0."""
    fails = next(pairs(MANIFEST))
    assert isinstance(fails.long.reading, Formula)
    terms = fails.long.reading.terms
    assert (terms["bad"].name, terms["bad"].statistic) == ("Faults", "Sum")
    assert (terms["valid"].name, terms["valid"].statistic) == ("Latency", "SampleCount")


def test_no_window_is_longer_than_cloudwatch_looks_back():
    for pair in pairs(MANIFEST):
        for watch in (pair.long, pair.short):
            assert watch.minutes <= 24 * 60
            longest = 7 if watch.minutes >= 60 else 1
            assert watch.minutes * watch.periods <= longest * 24 * 60
    assert [(p.long.minutes, p.long.periods) for p in pairs(MANIFEST)][-1] == (24 * 60, 3)


def test_a_run_is_quick_within_half_of_the_timeout_unless_the_agent_says_otherwise():
    assert Objectives().quick_ms(20) == 10_000
    assert Objectives(latency_ms=3000).quick_ms(20) == 3000


def _metric(widget: dict[str, Any]) -> bool:
    return bool(widget["type"] == "metric")


def _widgets(board: Board) -> list[dict[str, Any]]:
    return [w for w in body(board, "eu-central-1")["widgets"] if _metric(w)]


def test_alarms_stand_above_all_else():
    first, *others = body(AGENT, "eu-central-1", ["arn:1"])["widgets"]
    assert (first["type"], first["properties"]["alarms"], first["y"]) == ("alarm", ["arn:1"], 0)
    assert min(w["y"] for w in others) == first["height"]
