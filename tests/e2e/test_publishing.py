"""Events and batches over HTTP, through the real gateway, topic and queues."""

import uuid
from datetime import UTC, datetime
from typing import Any

import httpx

from local.stack import LocalStack
from tests.e2e.bus import Bus
from tests.e2e.conftest import eventually, new_review
from tests.e2e.test_events import function_of

TRACE_ID = "5b8aa5a2d2c872e8321cf37308d69df2"


def token(stack: LocalStack, team: str = "retail", *roles: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.identity.mint(team, roles or None)}"}


def review(**changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/shop",
        "type": "review.submitted",
        "time": datetime.now(UTC).isoformat(),
        "data": new_review(),
    } | changes


def test_a_published_event_is_answered_in_the_trace_of_its_publisher(
    http: httpx.Client, stack: LocalStack, bus: Bus
) -> None:
    sent = review()
    headers = token(stack) | {"traceparent": f"00-{TRACE_ID}-{'c' * 16}-01"}
    reply = http.post("/v1/events", json=sent, headers=headers)
    assert (reply.status_code, reply.json()) == (
        202,
        {"results": [{"id": sent["id"], "status": 202}]},
    )
    (answer,) = eventually(lambda: bus.answers(sent))
    assert answer["traceparent"].split("-")[1] == TRACE_ID
    assert answer["dataschema"] == "urn:gatehouse:event:review.sentiment:v1"
    assert (answer["team"], answer["hops"], answer["chain"]) == ("retail", 1, sent["id"])
    log = stack.running.logs / f"{function_of(stack, 'review_sentiment')}.log"

    def is_logged() -> bool:
        lines = log.read_text(encoding="utf-8").splitlines()
        return any(TRACE_ID in line and f'"run":"{answer["runid"]}"' in line for line in lines)

    eventually(is_logged)


def test_a_batch_tells_what_became_of_each_event(
    http: httpx.Client, stack: LocalStack, bus: Bus
) -> None:
    good, foreign, odd = review(), review(team="platform"), review(type="review.unheard")
    reply = http.post("/v1/events", json=[good, foreign, odd], headers=token(stack))
    assert [result["status"] for result in reply.json()["results"]] == [202, 403, 422]
    eventually(lambda: bus.answers(good))
    assert not bus.answers(foreign)


def test_publishing_needs_its_role_and_the_callers_zone(
    http: httpx.Client, stack: LocalStack
) -> None:
    without = http.post("/v1/events", json=review(), headers=token(stack, "retail", "reader"))
    assert (without.status_code, "events:publish" in without.json()["detail"]) == (403, True)
    elsewhere = http.post("/v1/events", json=review(), headers=token(stack, "us-support"))
    assert elsewhere.status_code == 421
    assert elsewhere.json()["base_url"].startswith("https://")


def test_what_no_event_can_be_is_told_where_it_is_wrong(
    http: httpx.Client, stack: LocalStack
) -> None:
    reply = http.post("/v1/events", json=review(data={"text": 7}), headers=token(stack))
    assert reply.status_code == 422
    assert {found["pointer"] for found in reply.json()["violations"]} >= {"/data/text"}


def test_many_inputs_of_one_request_are_runs_of_their_own(
    http: httpx.Client, stack: LocalStack
) -> None:
    items = [{"input": new_review()}, {"input": {"text": 7}}, {"input": new_review()}]
    reply = http.post(
        "/v1/agents/review_sentiment/batch", json={"items": items}, headers=token(stack)
    )
    results = reply.json()["items"]
    assert [result["status"] for result in results] == [200, 422, 200]
    assert results[0]["outcome"]["id"] != results[2]["outcome"]["id"]
    assert '"budget";q=8000000000' in reply.headers["ratelimit-policy"]
