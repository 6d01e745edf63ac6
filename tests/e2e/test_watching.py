"""What the bundles write under the real runtime client is what ``gatehouse`` reads."""

import json
from datetime import UTC, datetime, timedelta

import httpx

from cli.log_lines.entry import Selection
from cli.log_lines.sources import LogFiles
from cli.readings.local_lines import LocalLines
from cli.readings.report import Report
from local.invocation import Invocation
from local.stack import LocalStack
from tests.e2e.conftest import eventually
from tests.e2e.test_runs import run

AGENT = "ticket_summary"


def test_a_run_is_found_by_its_id_and_its_trace_and_is_counted(
    stack: LocalStack, http: httpx.Client
):
    since = datetime.now(UTC) - timedelta(minutes=5)
    outcome = run(http, stack, AGENT, **{"Cache-Control": "no-store"}).json()
    source = LogFiles(stack.running.logs)
    by_run = Selection(run=outcome["id"])
    (entry,) = eventually(lambda: list(source.entries(by_run)))
    line = entry.fields or {}
    assert (line["message"], line["status"], line["agent"]) == ("run", "succeeded", AGENT)
    assert line["request_id"]
    assert line["stages"]
    by_trace = list(source.entries(Selection(trace=outcome["trace_id"], level="info")))
    assert json.dumps(line) in [json.dumps(each.fields) for each in by_trace]

    def measured() -> Report | None:
        found = Report.of(LocalLines(stack.running.logs, since), since, datetime.now(UTC))
        cost = found.agents.get(AGENT, {}).get("cost_micro_usd")
        return found if isinstance(cost, float) and cost >= outcome["cost_micro_usd"] else None

    report = eventually(measured)
    runs = report.agents[AGENT]["runs"]
    assert isinstance(runs, float)
    assert runs >= 1
    assert report.models[outcome["model"]]["calls"]


def test_the_sweeper_measures_each_teams_budget(stack: LocalStack, http: httpx.Client):
    since = datetime.now(UTC) - timedelta(minutes=5)
    run(http, stack, AGENT, **{"Cache-Control": "no-store"})
    (function,) = (name for name in stack.running.functions if "Sweeper" in name)
    arn = f"arn:aws:lambda:{stack.region}:111122223333:function:{function}"
    assert not stack.workers.invoke(Invocation(b"{}", arn)).failed

    def used() -> object:
        found = Report.of(LocalLines(stack.running.logs, since), since, datetime.now(UTC))
        team = found.teams["platform"]
        return team["spent_this_month_micro_usd"] and team["budget_used_percent"] is not None

    assert eventually(used)
