"""Every way in leaves its line in the trail, whose functions are the deployed ones."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from cli.audit import trail
from cli.audit.trail import Wanted
from cli.erase import commands
from cli.estate import Estate
from cli.main import app
from infra.blueprint import ROOT
from local.stack import LocalStack
from tests.e2e.bus import Bus, event
from tests.e2e.conftest import eventually, new_review, sample
from tests.e2e.test_async_runs import letters

SCHEMA = json.loads((ROOT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
TICKETS, REVIEWS = "ticket_summary", "review_sentiment"


@pytest.fixture(autouse=True)
def began() -> datetime:
    return datetime.now(UTC)


def found(stack: LocalStack, began: datetime, **asked: Any) -> list[dict[str, Any]]:
    wanted = Wanted(since=began, until=began + timedelta(hours=1), **asked)
    lines = trail.lines(Estate.local(stack.running), wanted)
    for line in lines:
        Draft202012Validator(SCHEMA).validate(line)
    return lines


def post(
    http: httpx.Client, stack: LocalStack, agent: str, team: str, **headers: str
) -> httpx.Response:
    token = stack.identity.mint(team, subject="auditor")
    sent = {"Authorization": f"Bearer {token}", **headers}
    return http.post(f"/v1/agents/{agent}/run", json={"input": sample(agent)}, headers=sent)


def test_a_run_over_http_is_told_with_its_caller_and_its_cost(
    http: httpx.Client, stack: LocalStack, began: datetime
) -> None:
    reply = post(http, stack, TICKETS, "platform", **{"Cache-Control": "no-store"})
    (line,) = found(stack, began, run=reply.json()["id"])
    assert line["who"]["subject"] == "auditor"
    assert line["who"]["issuer"].startswith("https://")
    assert line["request"] == reply.headers["x-amzn-requestid"]
    assert (line["decision"], line["trace"]) == ("answered", reply.json()["trace_id"])
    assert line["cost_micro_usd"] == reply.json()["cost_micro_usd"]


def test_a_run_that_is_refused_is_told_with_the_reason(
    http: httpx.Client, stack: LocalStack, began: datetime
) -> None:
    for team, reason in (("helpdesk", "access-denied"), ("us-support", "wrong-zone")):
        request = post(http, stack, REVIEWS, team).headers["x-amzn-requestid"]
        (line,) = (line for line in found(stack, began, team=team) if line["request"] == request)
        assert (line["decision"], line["reason"], line["agent"]) == ("refused", reason, REVIEWS)


def test_an_event_and_the_run_that_it_leads_to_are_told(
    http: httpx.Client, stack: LocalStack, bus: Bus, began: datetime
) -> None:
    sent = event("review.submitted", new_review())
    key = f"{sent['source']} {sent['id']}"
    token = stack.identity.mint("platform", ["events:publish"])
    http.post("/v1/events", json=sent, headers={"Authorization": f"Bearer {token}"})
    eventually(lambda: bus.answers(to=sent))

    told = [
        (line["kind"], line["decision"]) for line in found(stack, began) if line.get("event") == key
    ]
    assert told == [("event", "published"), ("run", "answered")]


def test_a_message_that_leads_to_no_run_is_told(
    stack: LocalStack, bus: Bus, began: datetime
) -> None:
    sent = event("review.submitted", new_review(), team="nobody")
    bus.publish(sent)
    key = f"{sent['source']} {sent['id']}"
    (letter,) = eventually(lambda: letters(stack, REVIEWS))
    assert letter["reason"] == "access-denied"
    (line,) = (line for line in found(stack, began, agent=REVIEWS) if line.get("event") == key)
    assert (line["kind"], line["decision"], line["reason"]) == ("event", "refused", "access-denied")
    assert line["who"] == {"subject": sent["source"]}


def test_a_run_that_is_done_later_is_told_when_it_is_accepted_and_when_it_is_done(
    http: httpx.Client, stack: LocalStack, began: datetime
) -> None:
    headers = {"Prefer": "respond-async", "Cache-Control": "no-store"}
    accepted = post(http, stack, TICKETS, "platform", **headers).json()["id"]
    lines = eventually(lambda: len(them := found(stack, began, run=accepted)) == 2 and them)
    assert [line["decision"] for line in lines] == ["accepted", "answered"]
    assert {line["who"]["subject"] for line in lines} == {"auditor"}
    assert {line["who"]["issuer"] for line in lines} == {lines[0]["who"]["issuer"]}


def test_a_caller_s_traces_can_be_erased_and_the_trail_says_so(
    http: httpx.Client, stack: LocalStack, began: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "running", lambda: stack.running)
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"', "Cache-Control": "no-store"}
    assert post(http, stack, TICKETS, "platform", **key).status_code == 200

    command = ["erase", "--subject", "auditor", "--team", "platform", "--json", "--yes"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    (region,) = json.loads(done.stdout)["regions"]
    erased = {row["store"]: row["found"] for row in region["stores"]}
    assert erased["outcomes"] >= 1

    (line,) = found(stack, began, decision="erased")
    assert line["counts"]["outcomes"] == erased["outcomes"]
    again = post(http, stack, TICKETS, "platform", **key)
    assert "idempotent-replayed" not in again.headers
