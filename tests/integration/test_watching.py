"""``gatehouse logs`` and ``gatehouse metrics`` against a region, as far as moto plays it."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto.cloudwatch.models import Dimension, Statistics
from typer.testing import CliRunner

from cli import aws as services
from cli.calls import CannotCall
from cli.log_lines.entry import Selection
from cli.log_lines.sources import LogGroups
from cli.main import app
from tests import fakes
from tests.integration.conftest import REGION
from tests.measured import a_run, call, written

RUN = f"run_{7:032x}"


def invoke(*given: str) -> str:
    result = CliRunner().invoke(app, [*given, "--region", REGION])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def put_metrics(lines: list[str]) -> None:
    """As CloudWatch takes metrics from the lines of a log."""
    for line in map(json.loads, lines):
        for said in line["_aws"]["CloudWatchMetrics"]:
            for names in said["Dimensions"]:
                boto3.client("cloudwatch").put_metric_data(
                    Namespace=said["Namespace"],
                    MetricData=[
                        {
                            "MetricName": metric["Name"],
                            "Dimensions": [{"Name": n, "Value": line[n]} for n in names],
                            "Value": value,
                        }
                        for metric in said["Metrics"]
                        for value in line[metric["Name"]]
                    ],
                )


@pytest.fixture
def group(aws: None) -> str:
    logs, name = boto3.client("logs"), f"gatehouse-{REGION}-edge-HttpLogs1A2B"
    now = int(datetime.now(UTC).timestamp() * 1000)
    lines = [
        {"level": "INFO", "message": "run", "run": RUN, "status": "succeeded"},
        {"level": "WARNING", "message": "the cache cannot be read", "error": "ReadTimeout"},
        {"level": "INFO", "message": "run", "run": f"{RUN[:-1]}8", "said": f"not {RUN}"},
    ]
    for each in (name, "somebody-elses"):
        logs.create_log_group(logGroupName=each)
        logs.create_log_stream(logGroupName=each, logStreamName="one")
        logs.put_log_events(
            logGroupName=each,
            logStreamName="one",
            logEvents=[{"timestamp": now, "message": json.dumps(line)} for line in lines],
        )
    return name


def test_metrics_are_read_from_cloudwatch(aws: None, monkeypatch: pytest.MonkeyPatch):
    known = Statistics.get_statistics_for_type
    # moto knows no percentiles, and finds no series whose dimensions come in another order.
    monkeypatch.setattr(Dimension, "__lt__", lambda self, other: self.name < other.name)
    monkeypatch.setattr(
        Statistics,
        "get_statistics_for_type",
        lambda self, stat: known(self, stat) or max(self.metric_single_values_list),
    )
    run = a_run(call(), cache="hit")
    told = [
        written(lambda counters: counters.count_run(run, status="succeeded", seconds=1)),
        written(lambda counters: counters.count_run(run, status="out-of-time", seconds=1)),
        written(lambda counters: counters.count_dead_letter("echo", "event-loop")),
    ]
    put_metrics([line for each in told for line in each.metrics])
    boto3.client("cloudwatch").put_metric_data(
        Namespace="SomebodyElse", MetricData=[{"MetricName": "Runs", "Value": 9}]
    )
    found = json.loads(invoke("metrics", "--json", "--since", "5m"))
    echo = found["agents"]["echo"]
    assert found["place"] == REGION
    assert (echo["runs"], echo["success_rate"], echo["cache_hit_rate"]) == (2, 0.5, 1)
    assert (echo["errors"], echo["dead_letters"]) == ({"out-of-time": 1}, {"event-loop": 1})
    assert (echo["cost_micro_usd"], echo["p95_ms"]) == (2 * 2100, 1000)
    assert found["teams"]["helpdesk"]["runs"] == 2
    assert found["models"][fakes.MODEL]["calls"] == 2


def test_a_region_in_which_nothing_was_measured_is_said(aws: None):
    put_metrics([])
    assert f"nothing was measured in {REGION} since" in invoke("metrics")


def test_logs_are_read_from_the_log_groups_of_the_gatehouse(group: str):
    found = [json.loads(line) for line in invoke("logs", "--json").splitlines()]
    assert {line["function"] for line in found} == {group.removeprefix("gatehouse-")}
    assert len(found) == 3


def test_a_run_is_found_by_its_id_and_not_by_a_line_that_only_quotes_it(group: str):
    (line,) = invoke("logs", "--run", RUN).splitlines()
    assert "status=succeeded" in line


def test_lines_are_picked_by_level_in_a_region_too(group: str):
    (line,) = invoke("logs", "http", "--level", "warning").splitlines()
    assert "the cache cannot be read" in line


def test_a_region_without_such_a_function_says_which_there_are(group: str):
    result = CliRunner().invoke(app, ["logs", "nobody", "--region", REGION])
    assert f"there are: {group}" in str(result.exception)


def test_following_a_region_shows_what_comes_and_each_line_once(group: str):
    logs, numbers = boto3.client("logs"), itertools.count(1)

    def come(_: float) -> None:
        line = {"level": "INFO", "message": "run", "run": RUN, "attempts": next(numbers)}
        event = {
            "timestamp": int(datetime.now(UTC).timestamp() * 1000),
            "message": json.dumps(line),
        }
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[event])  # type: ignore[list-item]  # a dict of these

    source, selection = LogGroups(logs, REGION, pause=come), Selection(run=RUN)
    assert len(list(source.entries(selection))) == 1
    following = source.following(selection)
    new = [next(following).fields for _ in range(3)]
    assert [fields and fields["attempts"] for fields in new] == [1, 2, 3]


def test_a_profile_that_there_is_not_is_said(aws: None):
    with pytest.raises(services.AwsFailed, match=r"profile \(nobody\) could not"):
        services.client("logs", REGION, "nobody")


def test_a_refusal_names_the_right_that_is_missing(aws: None, monkeypatch: pytest.MonkeyPatch):
    from botocore.exceptions import ClientError

    class Denied:
        def get_paginator(self, _: str) -> Any:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "ListMetrics")

    monkeypatch.setattr(services, "client", lambda *_: Denied())
    result = CliRunner().invoke(app, ["metrics", "--region", REGION])
    assert isinstance(result.exception, CannotCall)
    assert "may not cloudwatch:ListMetrics in eu-central-1" in str(result.exception)
