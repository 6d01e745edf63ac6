"""``gatehouse metrics`` on the local stack: what the functions wrote, added up."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import metrics
from cli.calls import CannotCall
from cli.main import app
from cli.readings.cloudwatch import MOST_QUERIES, CloudWatch
from cli.readings.report import Report
from cli.readings.series import Series, Source, Wanted
from functions.adapters.counters import PowertoolsCounters
from tests import fakes
from tests.measured import BALANCE, a_run, call, written

NOW = datetime.now(UTC)


def write(
    folder: Path, act: Callable[[PowertoolsCounters], Any], ago: timedelta = timedelta()
) -> None:
    file = folder / "logs" / "http.log"
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as opened:
        for line in written(act).metrics:
            opened.write(f"{(NOW - ago).isoformat(timespec='milliseconds')} {line}\n")


def an_hour(counters: PowertoolsCounters) -> None:
    for number in range(100):
        run = a_run(call(latency_ms=10 * number), cache="miss" if number % 4 else "hit")
        counters.count_run(run, status="succeeded", seconds=number / 100)
    counters.count_run(a_run(), status="out-of-time", seconds=29)
    counters.count_run(a_run(agent="other"), status="invalid-input", seconds=0)
    counters.count_budget(BALANCE)
    counters.count_circuit(fakes.MODEL, "OPEN")
    counters.count_delivery("echo", "word.said", result="succeeded", lag_seconds=2)
    counters.count_delivery("echo", "run.requested", result="succeeded", lag_seconds=4)
    counters.count_dead_letter("echo", "event-loop")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(metrics, "FOLDER", tmp_path)
    write(tmp_path, an_hour)
    yesterday: Callable[[PowertoolsCounters], None] = lambda counters: counters.count_run(  # noqa: E731
        a_run(agent="retired"), status="succeeded", seconds=1
    )
    write(tmp_path, yesterday, ago=timedelta(days=1))
    return tmp_path


def told(*given: str) -> Any:
    result = CliRunner().invoke(app, ["metrics", "--json", *given])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_an_agent_is_shown_with_its_rates(folder: Path):
    found = told()
    echo = found["agents"]["echo"]
    assert (echo["runs"], echo["succeeded"], echo["faults"]) == (101, 100, 1)
    assert echo["success_rate"] == pytest.approx(100 / 101)
    assert echo["cache_hit_rate"] == 0.25
    assert echo["errors"] == {"out-of-time": 1}
    assert (echo["p50_ms"], echo["p95_ms"], echo["p99_ms"]) == (500, 950, 990)
    assert (echo["input_tokens"], echo["cost_micro_usd"]) == (120_000, 210_000)
    assert echo["lag_p95_ms"] == {"word.said": 2000, "run.requested": 4000}
    assert echo["dead_letters"] == {"event-loop": 1}
    assert found["agents"]["other"]["p95_ms"] is None, "a refusal has no latency"


def test_a_team_is_shown_with_its_budget_and_a_model_with_its_circuit(folder: Path):
    found = told()
    team, model = found["teams"]["helpdesk"], found["models"][fakes.MODEL]
    assert (team["runs"], team["budget_used_percent"]) == (102, 25)
    assert (team["spent_this_month_micro_usd"], team["reserved_micro_usd"]) == (500_000_000, 40_000)
    assert (model["calls"], model["p50_ms"], model["cost_micro_usd"]) == (100, 490, 210_000)
    assert model["circuit_changes"] == {"OPEN": 1}


def test_only_the_time_that_is_asked_for_counts(folder: Path):
    assert "retired" not in told()["agents"]
    assert told("--since", "2d")["agents"]["retired"]["runs"] == 1


def test_one_agent_is_shown_alone(folder: Path):
    found = told("--agent", "other")
    assert (list(found["agents"]), found["teams"], found["models"]) == (["other"], {}, {})


def test_people_get_tables(folder: Path):
    shown = CliRunner().invoke(app, ["metrics"], env={"COLUMNS": "200"}).output
    for text in ("echo", "99.0 %", "25.0 %", "4,000", "1 event-loop", "1 OPEN", "helpdesk"):
        assert text in shown, text


def test_an_agent_of_which_there_is_nothing_is_answered_with_those_of_which_there_is(folder: Path):
    result = CliRunner().invoke(app, ["metrics", "--agent", "retired"])
    assert isinstance(result.exception, CannotCall)
    assert "there is something of: echo, other" in str(result.exception)


def test_a_quiet_hour_is_said(folder: Path):
    (folder / "logs" / "http.log").write_text("")
    assert (
        "nothing was measured in the local stack since"
        in CliRunner().invoke(app, ["metrics"]).output
    )


def test_without_a_local_stack_one_is_told_how_to_have_one(folder: Path):
    (folder / "logs" / "http.log").unlink()
    result = CliRunner().invoke(app, ["metrics"])
    assert "'make run'" in str(result.exception)


@pytest.mark.parametrize(
    ("given", "help_"),
    [
        (["--since", "30s"], "not between 1m and 15d"),
        (["--since", "16d"], "not between 1m and 15d"),
        (["--since", "an hour"], "write it like 90s"),
        (["--profile", "me"], "needs --region"),
    ],
)
def test_an_option_that_cannot_be_meant_is_explained(folder: Path, given: list[str], help_: str):
    result = CliRunner().invoke(app, ["metrics", *given], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert help_ in " ".join(result.output.replace("│", " ").split())


class Answers:
    """CloudWatch as far as it is asked: a page for each result, and what was asked."""

    def __init__(self, *values: list[float]) -> None:
        self.values, self.asked = values, list[Mapping[str, Any]]()

    def get_paginator(self, _: str) -> "Answers":
        return self

    def paginate(self, **asked: Any) -> list[Mapping[str, Any]]:
        self.asked.append(asked)
        ids = [query["Id"] for query in asked["MetricDataQueries"]]
        return [
            {"MetricDataResults": [{"Id": id_, "Values": values}]}
            for values in self.values
            for id_ in ids
        ]


def of(client: Any, minutes: int = 60) -> CloudWatch:
    return CloudWatch(client, "eu-central-1", NOW - timedelta(minutes=minutes), NOW)


@pytest.mark.parametrize(
    ("statistic", "figure"), [("Sum", 7), ("SampleCount", 7), ("Maximum", 4), ("p95", 4)]
)
def test_what_cloudwatch_divides_is_put_together(statistic: Any, figure: float):
    wanted = Wanted(Series("Latency", frozenset({("agent", "echo")})), statistic)
    client = Answers([1.0, 4.0], [2.0])
    assert of(client).read([wanted]) == {wanted: figure}
    (query,) = client.asked[0]["MetricDataQueries"]
    stat = query["MetricStat"]
    assert (stat["Period"], stat["Stat"]) == (3600, statistic)
    assert {d["Name"]: d["Value"] for d in stat["Metric"]["Dimensions"]} == {
        "service": "gatehouse",
        "agent": "echo",
    }


def test_more_figures_than_a_request_takes_are_asked_in_several():
    wanted = [
        Wanted(Series("Runs", frozenset({("agent", f"a{n}")})), "Sum")
        for n in range(MOST_QUERIES + 1)
    ]
    client = Answers([1.0])
    assert len(of(client).read(wanted)) == MOST_QUERIES + 1
    assert [len(asked["MetricDataQueries"]) for asked in client.asked] == [MOST_QUERIES, 1]


def test_a_report_of_a_source_without_anything_is_empty():
    class Nothing:
        place = "nowhere"

        def series(self) -> set[Series]:
            return set()

        def read(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, float]:
            assert not wanted
            return {}

    nothing: Source = Nothing()
    assert Report.of(nothing, NOW, NOW).is_empty
