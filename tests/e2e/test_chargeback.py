"""What a run cost is what its team is told, by the interface and by the command line."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from functions.adapters.lines import Tables, ledger_put
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.roles import READ_ALL_USAGE
from functions.domain.run import ModelCall
from local.aws import Aws
from local.stack import LocalStack
from tests import fakes
from tests.e2e.conftest import new_review
from tests.e2e.test_governance import post

AGENT, TEAM, OTHER = "review_sentiment", "retail", "helpdesk"
Token = dict[str, str]


@pytest.fixture(scope="module")
def mine(stack: LocalStack) -> str:
    return stack.identity.mint(TEAM)


@pytest.fixture(scope="module")
def finance(stack: LocalStack) -> str:
    return stack.identity.mint("platform", [READ_ALL_USAGE])


def usage(http: httpx.Client, token: str, accept: str = "*/*", **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    named = {name.rstrip("_"): value for name, value in query.items()}
    return http.get("/v1/usage", params=named, headers=headers)


def told(http: httpx.Client, token: str, **query: str) -> dict[str, Any]:
    response = usage(http, token, **query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_a_run_is_in_the_usage_of_its_team_at_once(http: httpx.Client, mine: str) -> None:
    before = told(http, mine)["total"]
    cost = 0
    for workflow in ("spring", "spring", "autumn"):
        run = post(http, mine, AGENT, new_review(), **{"X-Workflow": workflow})
        cost += run.json()["cost_micro_usd"]

    after = told(http, mine, group_by="workflow,agent")

    assert cost > 0
    assert after["total"]["cost_micro_usd"] - before["cost_micro_usd"] == cost
    assert after["total"]["runs"] - before["runs"] == 3
    groups = {(group["workflow"], group["agent"]): group["runs"] for group in after["groups"]}
    assert groups["spring", AGENT] == 2
    assert (after["team"], after["zone"], after["region"]) == (TEAM, "eu", "eu-central-1")


def test_an_answer_that_is_used_again_is_not_charged_again(http: httpx.Client, mine: str) -> None:
    review = new_review()
    first = post(http, mine, AGENT, review).json()
    before = told(http, mine)["total"]
    again = post(http, mine, AGENT, review).json()

    assert (first["cache"], again["cache"], again["cost_micro_usd"]) == ("miss", "hit", 0)
    assert told(http, mine)["total"] == before


def test_another_team_s_usage_is_for_finance_alone(
    http: httpx.Client, mine: str, finance: str
) -> None:
    for team in (OTHER, "nobody"):
        refused = usage(http, mine, team=team)
        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:gatehouse:problem:access-denied",
        )
    everybody = told(http, finance, group_by="team")
    assert everybody["team"] is None
    assert TEAM in {group["team"] for group in everybody["groups"]}
    assert told(http, finance, team=TEAM)["total"] == told(http, mine)["total"]


def test_a_question_that_makes_no_sense_is_told_why(http: httpx.Client, mine: str) -> None:
    wrong = usage(http, mine, from_="soon", group_by="colour")

    assert wrong.status_code == 422
    assert wrong.headers["content-type"] == "application/problem+json"
    assert [v["pointer"] for v in wrong.json()["violations"]] == ["/from", "/group_by"]


def test_a_spreadsheet_gets_the_same_sums(http: httpx.Client, mine: str) -> None:
    response = usage(http, mine, "text/csv", group_by="day,model")
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))

    assert response.headers["content-type"].startswith("text/csv")
    assert ".csv" in response.headers["content-disposition"]
    total = told(http, mine)["total"]
    assert sum(int(row["cost_micro_usd"]) for row in rows) == total["cost_micro_usd"] > 0


def command(stack: LocalStack, token: str, *words: str) -> Any:
    found = [*words, "--url", stack.running.gateway_url, "--token", token]
    return CliRunner().invoke(app, ["usage", *found], catch_exceptions=False)


def test_the_command_line_tells_the_same(
    http: httpx.Client, stack: LocalStack, finance: str, tmp_path: Path
) -> None:
    total = told(http, finance)["total"]

    assert f"${total['cost_usd']}" in command(stack, finance, "--group-by", "team").output
    as_json = command(stack, finance, "--format", "json")
    assert json.loads(as_json.output)["total"] == total
    as_csv = command(stack, finance, "--format", "csv", "--group-by", "agent")
    assert as_csv.output.startswith("agent,runs,calls,")
    bars = command(stack, finance, "--group-by", "day", "--chart")
    assert "█" in bars.output
    refused = command(stack, finance, "--group-by", "colour")
    assert (refused.exit_code, "group_by takes any of" in refused.output) == (1, True)


def test_a_month_is_exported_to_the_micro_dollar(
    http: httpx.Client, stack: LocalStack, finance: str, tmp_path: Path
) -> None:
    report = told(http, finance)
    file = tmp_path / "november.csv.gz"

    done = CliRunner().invoke(
        app,
        [
            *("usage", "export", "--month", report["from"][:7], "--to", str(file)),
            *("--url", stack.running.gateway_url, "--token", finance),
        ],
        catch_exceptions=False,
    )

    assert done.exit_code == 0, done.output
    text = gzip.decompress(file.read_bytes()).decode()
    billed = [Decimal(r["BilledCost"]) for r in csv.DictReader(io.StringIO(text, newline=""))]
    assert sum(billed) * 1_000_000 == report["total"]["cost_micro_usd"]


def test_days_that_are_over_are_closed_and_their_file_is_where_finops_tools_look(
    http: httpx.Client, stack: LocalStack, finance: str
) -> None:
    now = datetime.now(UTC)
    yesterday = now.date() - timedelta(days=1)
    here = stack.running
    (name,) = (function for function in here.functions if "Exporter" in function)
    days = {"from": str(yesterday), "to": str(now.date())}
    exporter = Aws(here.lambda_url, here.region).client("lambda")

    with spent_by("hasty", now - timedelta(days=1), stack):
        called = {"FunctionName": name, "Qualifier": "live", "Payload": json.dumps(days).encode()}
        done = exporter.invoke(**called)
        assert json.loads(done["Payload"].read()) == {"closed": [str(yesterday)]}
        report = told(http, finance, team="hasty", from_=days["from"], to=days["to"])

    assert report["total"]["cost_micro_usd"] == 1100
    s3 = stack.aws.client("s3")
    (bucket,) = (b["Name"] for b in s3.list_buckets()["Buckets"] if "exports" in b["Name"])
    key = f"focus/zone=eu/region=eu-central-1/billing_period={yesterday:%Y-%m}/{yesterday}.csv.gz"
    file = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    rows = csv.DictReader(io.StringIO(gzip.decompress(file).decode(), newline=""))
    assert [row["BilledCost"] for row in rows if row["SubAccountId"] == "hasty"] == ["0.0011"]


@contextmanager
def spent_by(team: str, at: datetime, stack: LocalStack) -> Iterator[None]:
    """A line of the past, as a run would have written it: a thousand tokens.

    It is gone afterwards: no model was asked, and whoever reconciles would miss its tokens.
    """
    (table,) = (each for each in stack.running.tables if "state-Ledger" in each)
    run = fakes.run(received_at=at, team=fakes.TEAM.model_copy(update={"name": team}))
    model = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
    cost, since = MicroUsd(1100), "2025-10-15T00:00:00Z"
    run.meter.add(ModelCall(model, model, Usage(input_tokens=1000), cost, 1, since))
    tables = Tables(budgets="", ledger=table, cache="", zone="eu", region="eu-central-1")
    dynamodb, put = stack.aws.client("dynamodb"), ledger_put(run, "succeeded", tables)["Put"]
    dynamodb.put_item(**put)
    try:
        yield
    finally:
        key = {name: put["Item"][name] for name in ("pk", "sk")}
        dynamodb.delete_item(TableName=table, Key=key)
