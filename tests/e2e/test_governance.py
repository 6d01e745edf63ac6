"""The governance core through the whole bundle: what a caller, a log and a table get to see."""

import json
from typing import Any

import httpx

from local.invocation import Invocation
from local.stack import LocalStack
from tests.e2e.bus import Bus, event
from tests.e2e.conftest import Play, eventually, new_review, sample

RUN = "/v1/agents/{}/run"
NAME, MAIL = "Wilhelmina Abernathy", "wilhelmina.abernathy@example.com"
SECRETIVE = f"Hello, I am {NAME}, please write to {MAIL} about my late order."


def post(
    http: httpx.Client, token: str, agent: str, given: dict[str, Any], **headers: str
) -> httpx.Response:
    sent = {"Authorization": f"Bearer {token}", **headers}
    return http.post(RUN.format(agent), json={"input": given}, headers=sent)


def ticket(text: str) -> dict[str, Any]:
    given = sample("ticket_summary")
    return given | {"messages": [given["messages"][0] | {"text": text}]}


def items(stack: LocalStack, table: str) -> list[dict[str, Any]]:
    """Everything in a table of the stack."""
    (name,) = (each for each in stack.running.tables if f"state-{table}" in each)
    found: list[dict[str, Any]] = stack.aws.client("dynamodb").scan(TableName=name)["Items"]
    return found


def test_an_equal_question_of_the_same_team_gets_its_earlier_answer(
    http: httpx.Client, stack: LocalStack
) -> None:
    review = new_review()
    mine, other = (stack.identity.mint(team) for team in ("retail", "platform"))

    first, again = (post(http, mine, "review_sentiment", review) for _ in range(2))
    foreign = post(http, other, "review_sentiment", review)

    assert [r.json()["cache"] for r in (first, again, foreign)] == ["miss", "hit", "miss"]
    assert "age" not in first.headers
    assert int(again.headers["age"]) >= 0
    assert again.json()["cost_micro_usd"] == 0


def test_what_was_spent_is_the_sum_of_the_ledger(http: httpx.Client, stack: LocalStack) -> None:
    post(http, stack.identity.mint("helpdesk"), "ticket_summary", sample("ticket_summary"))

    lines = [line for line in items(stack, "Ledger") if line["team"]["S"] == "helpdesk"]
    (budget,) = (b for b in items(stack, "Budgets") if b["pk"]["S"].startswith("helpdesk#"))
    spent = int(budget["spent"]["N"])
    assert spent == sum(int(line["cost_micro_usd"]["N"]) for line in lines) > 0
    assert int(budget["available"]["N"]) + spent == int(budget["limit"]["N"])


def test_a_caller_of_another_zone_is_sent_to_its_own(http: httpx.Client, stack: LocalStack) -> None:
    response = post(http, stack.identity.mint("us-support"), "ticket_summary", {"not": "read"})

    assert response.status_code == 421
    assert response.json()["type"] == "urn:gatehouse:problem:wrong-zone"
    assert "https://us.agents.example.com" in response.json()["detail"]


def test_personal_data_is_in_no_log_no_cache_and_no_ledger_and_not_at_the_model(
    http: httpx.Client, stack: LocalStack, bus: Bus, play: Play
) -> None:
    echo = {
        "when": {"regex": r"customer: (.*)"},
        "reply": {"summary": "{{1}}", "open_question": "", "next_step": "answer the question"},
    }
    play(echo)
    token = stack.identity.mint("helpdesk")

    reply = post(http, token, "ticket_summary", ticket(SECRETIVE))
    sent = event("ticket.opened", ticket(SECRETIVE))
    bus.publish(sent)
    (answer,) = eventually(lambda: bus.answers(sent))
    broken = post(http, token, "ticket_summary", ticket(SECRETIVE) | {NAME: MAIL})

    assert reply.status_code == 200, reply.text
    assert MAIL in reply.json()["output"]["summary"], (
        "the caller gets back what the policy restores"
    )
    assert MAIL not in json.dumps(answer["data"]), "an event never carries it"
    assert "[EMAIL_ADDRESS_1]" in answer["data"]["summary"]
    assert broken.status_code == 422
    written = {
        "problem": broken.text,
        "cache": json.dumps(items(stack, "Cache")),
        "ledger": json.dumps(items(stack, "Ledger")),
        "budgets": json.dumps(items(stack, "Budgets")),
        "logs": "".join(p.read_text() for p in (stack.state_dir / "logs").glob("*.log")),
    }
    for where, text in written.items():
        assert NAME not in text, where
        assert MAIL not in text, where


def test_the_model_s_failures_end_in_a_problem_with_when_to_come_again(
    http: httpx.Client, stack: LocalStack, play: Play
) -> None:
    play({"error": "ValidationException"})
    refused = post(
        http, stack.identity.mint("kyc-operations"), "kyc_screening", sample("kyc_screening")
    )
    play({"error": "ThrottlingException"})
    throttled = post(
        http, stack.identity.mint("kyc-operations"), "kyc_screening", sample("kyc_screening")
    )

    assert (refused.status_code, throttled.status_code) == (502, 503)
    assert throttled.json()["type"] == "urn:gatehouse:problem:temporary-reduced-capacity"
    assert int(throttled.headers["retry-after"]) > 0
    (budget,) = (b for b in items(stack, "Budgets") if b["pk"]["S"].startswith("kyc-operations#"))
    assert sum(int(v["N"]) for k, v in budget.items() if k.startswith("open_")) == 0


def test_the_sweeper_runs(stack: LocalStack) -> None:
    (function,) = (f for f in stack.running.functions if "Sweeper" in f)
    arn = f"arn:aws:lambda:eu-central-1:111122223333:function:{function}"
    reply = stack.workers.invoke(Invocation(b"{}", arn))

    assert not reply.failed, reply.payload
    assert set(reply.json()) == {"given_back_micro_usd", "thresholds_told"}
