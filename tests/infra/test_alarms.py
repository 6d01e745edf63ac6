"""Whoever is woken by an alarm finds out what to do."""

import json
import re

import pytest
from aws_lambda_powertools import Logger

from functions.adapters.counters import PowertoolsCounters
from functions.domain import metrics
from functions.domain.errors import EventLoop
from infra.blueprint import ROOT
from infra.pages import ALARMS
from tests.infra.templates import Resource, Template, each

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
LINK = re.compile(r"docs/runbook\.md#([a-z-]+)$")


def told(found: list[Template]) -> list[tuple[Template, str, Resource]]:
    """All alarms but those that only hold others back: nobody is ever told of these."""
    made = [(t, i, a) for t, i, a in each(found, COMPOSITE) if a.get("AlarmActions")]
    return [*each(found, ALARM), *made]


def test_every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm(
    every: list[Template],
):
    named = set()
    for template, id_, alarm in told(every):
        found = LINK.search(alarm["AlarmDescription"])
        assert found, (template.name, id_)
        named.add(found[1])
    assert named == set(re.findall(r"^## ([a-z-]+)$", RUNBOOK, flags=re.MULTILINE))


def test_every_section_of_the_runbook_says_what_it_means_and_what_to_do_first():
    _, *sections = re.split(r"^## ", RUNBOOK, flags=re.MULTILINE)
    for section in sections:
        words = re.findall(r"^\*\*([A-Z][a-z ]+)\*\*", section, flags=re.MULTILINE)
        assert words == ["Means", "First look", "First action"], section.splitlines()[0]


def test_an_alarm_watches_a_metric_that_the_functions_write(every: list[Template]):
    """CloudWatch never says that a metric does not exist: such an alarm just stays silent."""
    written = {(m.name, frozenset(d.name for d in by)) for m in metrics.ALL for by in m.by}
    seen: dict[str, set[str]] = {}
    for template, id_, alarm in each(every, "AWS::CloudWatch::Alarm"):
        stats = [
            query["MetricStat"]["Metric"]
            for query in alarm.get("Metrics", [])
            if "MetricStat" in query
        ] or [alarm]
        for metric in stats:
            if metric["Namespace"] == metrics.NAMESPACE:
                dimensions = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
                assert dimensions.pop("service") == metrics.SERVICE, (template.name, id_)
                read = metric["MetricName"], frozenset(dimensions)
                assert read in written, (template.name, id_, "functions write no such series")
                section = LINK.search(alarm["AlarmDescription"])
                seen.setdefault(metric["MetricName"], set()).add(section[1] if section else "")
    assert seen == {metric.name: set(sections) for metric, sections in ALARMS.items()}


def test_the_alarm_for_a_circle_of_events_fires_on_what_the_function_writes(
    every: list[Template], capsys: pytest.CaptureFixture[str]
):
    telemetry = PowertoolsCounters(metrics.SERVICE, Logger("test"))
    telemetry.count_dead_letter("review_sentiment", EventLoop.slug)
    written = json.loads(capsys.readouterr().out)
    (said,) = written["_aws"]["CloudWatchMetrics"]
    (names,) = said["Dimensions"]
    dimensions = {name: written[name] for name in names}
    (alarm,) = (
        alarm
        for template, _, alarm in each(every, "AWS::CloudWatch::Alarm")
        if alarm["AlarmDescription"].startswith("review_sentiment: ")
        and alarm["AlarmDescription"].endswith("#event-loop")
        and template.region == "eu-central-1"
    )
    assert (alarm["Namespace"], alarm["MetricName"]) == (
        said["Namespace"],
        metrics.DEAD_LETTERS.name,
    )
    assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == dimensions
    (value,) = written[metrics.DEAD_LETTERS.name]
    assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Sum", 1)
    assert value > alarm["Threshold"]
