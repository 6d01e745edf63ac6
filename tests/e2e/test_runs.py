"""Runs over HTTP: from the gateway through authorizer, pipeline and model, and back."""

import uuid
from typing import Any

import httpx
import pytest

from functions import agents
from local.stack import LocalStack
from tests.e2e.conftest import DIGEST, sample

AGENTS = [manifest.name for manifest in agents.discover()]
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def run(http: httpx.Client, stack: LocalStack, agent: str, **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {stack.identity.mint('platform')}", **headers}
    return http.post(f"/v1/agents/{agent}/run", json={"input": sample(agent)}, headers=sent)


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_answers_its_first_sample(
    agent: str, http: httpx.Client, stack: LocalStack
) -> None:
    parent = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
    response = run(http, stack, agent, traceparent=parent, **{"Cache-Control": "no-store"})
    assert response.status_code == 200, response.text
    outcome: dict[str, Any] = response.json()
    assert (outcome["agent"], outcome["trace_id"]) == (agent, TRACE_ID)
    assert outcome["usage"]["input_tokens"] > 0
    assert outcome["cost_micro_usd"] > 0
    page = http.get(
        f"/v1/agents/{agent}",
        headers={"Authorization": f"Bearer {stack.identity.mint('platform')}"},
    ).json()
    assert set(page["output_schema"]["required"]) <= outcome["output"].keys()


def test_the_same_key_and_input_get_the_recorded_outcome(
    http: httpx.Client, stack: LocalStack
) -> None:
    key = str(uuid.uuid4())
    first, second = (
        run(http, stack, "ticket_summary", **{"Idempotency-Key": f'"{key}"'}) for _ in range(2)
    )
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.content == first.content


def test_the_catalogue_lists_every_agent_of_the_zone(http: httpx.Client, stack: LocalStack) -> None:
    headers = {"Authorization": f"Bearer {stack.identity.mint('platform')}"}
    listed = http.get("/v1/agents", headers=headers).json()["agents"]
    here = {manifest.name for manifest in agents.discover() if "eu" in manifest.models}
    assert {line["name"] for line in listed} == {*here, DIGEST.name}


def test_every_answer_can_be_found_again_by_its_request_id(
    http: httpx.Client, stack: LocalStack
) -> None:
    response = http.get("/v1/nothing")
    assert response.json()["request_id"] == response.headers["x-amzn-requestid"]
