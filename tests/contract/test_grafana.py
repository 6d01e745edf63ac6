"""The dashboards for Grafana show what those of CloudWatch show, and Grafana can import them."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from functions.domain import metrics
from infra.watching.__main__ import FOLDER, stale
from infra.watching.grafana import SOURCE
from infra.watching.readings import AWS_METRICS
from tests.unit.test_watching import AGENT, REGION

FILES = {"agent.json": AGENT, "region.json": REGION}
EACH = pytest.mark.parametrize("name", FILES)
VARIABLE = re.compile(r"\$(?:\{([a-z_]+)\}|([a-z_]+))")
OF_GRAFANA = {"__all"}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def drawn(name: str) -> list[dict[str, Any]]:
    return [panel for panel in read(name)["panels"] if panel["type"] == "timeseries"]


def test_the_committed_files_are_as_the_boards_are():
    names = [path.name for path in stale()]
    assert not names, "run 'python -m infra.watching'"
    assert {path.name for path in FOLDER.glob("*.json")} == set(FILES)


def test_a_file_that_somebody_changed_is_noticed(tmp_path: Path):
    for name in FILES:
        text = (FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert not stale(tmp_path)
    (tmp_path / "agent.json").write_text(text, encoding="utf-8")
    assert [path.name for path in stale(tmp_path)] == ["agent.json"]


@EACH
def test_the_panels_are_those_of_cloudwatch(name: str):
    assert [panel["title"] for panel in drawn(name)] == [p.title for p in FILES[name].panels]


@EACH
def test_panels_have_ids_of_their_own_and_lie_on_no_other(name: str):
    panels = read(name)["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(ids) == len(set(ids))
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or apart
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


@EACH
def test_all_data_comes_from_the_chosen_account_and_region(name: str):
    for panel in drawn(name):
        assert panel["datasource"] == SOURCE
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert (target["datasource"], target["region"]) == (SOURCE, "$region")


@EACH
def test_every_variable_that_is_used_is_declared_and_the_other_way_round(name: str):
    dashboard = read(name)
    declared = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert declared[0] == "datasource"
    assert len(declared) == len(set(declared))
    panels = json.dumps(dashboard["panels"]).replace("${PROP(", "")
    used = {a or b for a, b in VARIABLE.findall(panels)}
    assert used == set(declared) - OF_GRAFANA


@EACH
def test_queries_have_ids_that_a_formula_can_name(name: str):
    for panel in drawn(name):
        ids = [target["id"] for target in panel["targets"]]
        assert len(ids) == len(set(ids)), panel["title"]
        for target in panel["targets"]:
            assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", target["id"])
            # Without these two, Grafana takes a query of one metric for a search.
            is_math = bool(target["expression"])
            assert (target["metricQueryType"], target["metricEditorMode"]) == (0, int(is_math))


@EACH
def test_queries_read_metrics_that_are_written(name: str):
    written = {
        (metrics.NAMESPACE, m.name, frozenset({"service", *(d.name for d in by)}))
        for m in metrics.ALL
        for by in m.by
    }
    known = written | {(m.namespace, m.name, frozenset(m.by)) for m in AWS_METRICS}
    read_ = [t for panel in drawn(name) for t in panel["targets"] if not t["expression"]]
    assert read_
    for target in read_:
        asked = (target["namespace"], target["metricName"], frozenset(target["dimensions"]))
        assert asked in known
