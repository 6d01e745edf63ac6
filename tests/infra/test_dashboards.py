"""What dashboards show is written by somebody, fits CloudWatch's limits, and is of one region."""

import json
import re
from itertools import combinations
from typing import Any

from functions.domain import metrics
from infra.watching.cost import TYPICAL_AGENT, Watching, watched
from infra.watching.readings import AWS_METRICS
from tests.infra.conftest import AGENTS
from tests.infra.templates import Template, each

DASHBOARD = "AWS::CloudWatch::Dashboard"
WIDGETS, METRICS_OF_A_WIDGET, METRICS_OF_A_DASHBOARD = 500, 500, 2_500
BODY_BYTES = 100_000
"""Widgets and metrics are limited by AWS; the size is ours, so that a template stays small."""
SEARCH = re.compile(r"SEARCH\('\{([\w/]+),([\w,]+)\} MetricName=\"(\w+)\"(.*?)', '([^']+)', \d+\)")
MOST = re.compile(r"MAX, DESC, (\d+)\)$")
REMEDY = "write it into [watching] of infra/measured.toml, then run 'python -m infra.pages'"

Series = tuple[str, str, frozenset[str]]
WRITTEN: set[Series] = {
    (metrics.NAMESPACE, m.name, frozenset({"service", *(d.name for d in by)}))
    for m in metrics.ALL
    for by in m.by
} | {(m.namespace, m.name, frozenset(m.by)) for m in AWS_METRICS}


def text(value: Any) -> str:
    """A body as CloudFormation writes it; what it fills in is told by its place."""
    if isinstance(value, str):
        return value
    ((function, arguments),) = value.items()
    if function == "Fn::Join":
        return str(arguments[0]).join(map(text, arguments[1]))
    return re.sub(r"\W", "-", json.dumps(arguments))


def dashboards(found: list[Template]) -> list[tuple[Template, str, dict[str, Any]]]:
    return [
        (template, board["DashboardName"], json.loads(text(board["DashboardBody"])))
        for template, _, board in each(found, DASHBOARD)
    ]


def rows(body: dict[str, Any]) -> list[list[list[Any]]]:
    """Of each widget, what it draws."""
    return [w["properties"]["metrics"] for w in body["widgets"] if w["type"] == "metric"]


def shown(row: list[Any]) -> tuple[list[Series], int]:
    """The series that a row reads, and how many it draws at most."""
    *named, options = row
    if named:
        namespace, name, *by = named
        return [(namespace, name, frozenset(by[::2]))], 1
    found = SEARCH.findall(options["expression"])
    most = MOST.search(options["expression"])
    series = [(space, name, frozenset(by.split(","))) for space, by, name, _, _ in found]
    return series, int(most[1]) if most else 1


def test_a_region_has_a_dashboard_and_each_agent_one(grown: list[Template]):
    names = {name for _, name, _ in dashboards(grown)}
    region = "gatehouse-eu-central-1"
    agents = {f"{region}-agent-agent-{number:02}" for number in range(AGENTS)}
    assert names == {f"{region}-region", *agents}


def test_whatever_a_dashboard_shows_is_written(every: list[Template], switched_on: list[Template]):
    for template, name, body in dashboards([*every, *switched_on]):
        for widget in rows(body):
            for row in widget:
                series, _ = shown(row)
                assert set(series) <= WRITTEN, (template.name, name)
                assert series or not re.search("SEARCH", row[-1]["expression"])


def test_every_metric_that_functions_write_is_on_a_dashboard_of_its_region(
    deployed: list[Template],
):
    for region in {template.region for template in deployed}:
        here = [template for template in deployed if template.region == region]
        read = {
            name
            for _, _, body in dashboards(here)
            for widget in rows(body)
            for row in widget
            for space, name, _ in shown(row)[0]
            if space == metrics.NAMESPACE
        }
        assert read == {metric.name for metric in metrics.ALL}


def test_dashboards_fit_cloudwatchs_limits(every: list[Template]):
    for _, name, body in dashboards(every):
        drawn = [sum(shown(row)[1] for row in widget) for widget in rows(body)]
        assert len(body["widgets"]) <= WIDGETS, name
        assert max(drawn) <= METRICS_OF_A_WIDGET, name
        assert sum(drawn) <= METRICS_OF_A_DASHBOARD, name
        assert len(json.dumps(body)) <= BODY_BYTES, name
        alarms = [w["properties"]["alarms"] for w in body["widgets"] if w["type"] == "alarm"]
        assert 0 < len(alarms[0]) <= 100, name


def test_widgets_lie_beside_one_another_and_are_of_their_region(every: list[Template]):
    for template, name, body in dashboards(every):
        for one, other in combinations(body["widgets"], 2):
            beside = (
                one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            )
            apart = (
                one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            )
            assert beside or apart, name
        regions = {w["properties"].get("region", template.region) for w in body["widgets"]}
        assert regions == {template.region}, name


def test_a_zone_may_do_without_dashboards_of_agents(switched_on: list[Template]):
    names = [name for _, name, _ in dashboards(switched_on)]
    assert sorted(names) == [
        "gatehouse-eu-central-1-region",
        "gatehouse-us-east-1-agent-echo",
        "gatehouse-us-east-1-region",
    ]


def test_watching_costs_what_the_page_says(deployed: list[Template]):
    region = [template for template in deployed if template.region == "eu-central-1"]
    others = [template for template in region if "-agent-" not in template.name]
    (agent,) = (template for template in region if template.name.endswith("-ticket-summary"))
    found = _counted([t for t in others if "-team-budgets-" not in t.name])
    of_agents = 3 * sum("-agent-" in template.name for template in region)
    assert watched() == Watching(
        metrics=found.metrics, composites=found.composites - of_agents, dashboards=1
    ), REMEDY
    # The page's agent consumes one type of events more.
    assert _counted([agent]).metrics == Watching.of_agent(TYPICAL_AGENT).metrics - 1


def _counted(found: list[Template]) -> Watching:
    alarms = [a for t in found for a in t.of_type("AWS::CloudWatch::Alarm").values()]
    named = [alarm for alarm in alarms if "AlarmName" in alarm]
    return Watching(
        metrics=sum(
            len([q for q in alarm.get("Metrics", []) if "MetricStat" in q]) or 1 for alarm in named
        ),
        composites=sum(len(t.of_type("AWS::CloudWatch::CompositeAlarm")) for t in found),
        dashboards=sum(len(t.of_type(DASHBOARD)) for t in found),
    )
