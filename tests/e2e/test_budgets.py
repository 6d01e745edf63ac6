"""A team whose money runs low, through the whole bundle: sweeper, guard and callers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cli.budgets.books import Books
from cli.estate import Estate
from functions.domain.budget import period
from local.invocation import Invocation
from local.stack import LocalStack
from tests.e2e.bus import Bus
from tests.e2e.conftest import eventually, new_review

TEAM = "platform"
"""Its policy is to be suspended at 80 percent."""


@pytest.fixture
def budget(stack: LocalStack, http: httpx.Client) -> Iterator[dict[str, Any]]:
    """The team's own budget of this month, which is made by its first run and left as it was."""
    run(http, stack)
    estate = Estate.local(stack.running)
    table, client = estate.table("Budgets"), estate.client("dynamodb")
    key = {"pk": {"S": f"{TEAM}#{month()}"}, "sk": {"S": "team#0"}}
    item = client.get_item(TableName=table, Key=key)["Item"]
    yield {"client": client, "table": table, "key": key, "limit": int(item["limit"]["N"])}
    Books(estate).lift(TEAM, month())
    spend({"client": client, "table": table, "key": key}, int(item["spent"]["N"]))


def month() -> str:
    return period(datetime.now(UTC))


def spend(budget: dict[str, Any], micro_usd: int) -> None:
    budget["client"].update_item(
        TableName=budget["table"],
        Key=budget["key"],
        UpdateExpression="SET spent = :spent",
        ExpressionAttributeValues={":spent": {"N": str(micro_usd)}},
    )


def run(http: httpx.Client, stack: LocalStack) -> httpx.Response:
    sent = {"Authorization": f"Bearer {stack.identity.mint(TEAM)}"}
    body = {"input": new_review()}
    return http.post("/v1/agents/review_sentiment/run", json=body, headers=sent)


def sweep(stack: LocalStack) -> None:
    (name,) = (function for function in stack.running.functions if "Sweeper" in function)
    arn = f"arn:aws:lambda:{stack.region}:111122223333:function:{name}"
    assert not stack.workers.invoke(Invocation(b"{}", arn)).failed


def told(stack: LocalStack) -> int:
    """How often the guard's log says that it restricted somebody."""
    logs = (stack.state_dir / "logs").glob("*.log")
    return sum(log.read_text(encoding="utf-8").count('"budget restricted"') for log in logs)


def test_a_team_is_suspended_as_soon_as_it_is_swept_and_goes_on_when_that_is_lifted(
    http: httpx.Client, stack: LocalStack, bus: Bus, budget: dict[str, Any]
) -> None:
    assert run(http, stack).status_code == 200
    spend(budget, budget["limit"] * 80 // 100)
    sweep(stack)

    refused = eventually(lambda: [r for r in [run(http, stack)] if r.status_code == 429])[0]
    assert refused.json()["type"] == "urn:gatehouse:problem:budget-exhausted"
    assert f"suspended for {month()}" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0
    assert eventually(lambda: told(stack)) == 1

    Books(Estate.local(stack.running)).lift(TEAM, month())
    sweep(stack)
    assert run(http, stack).status_code == 200
