"""No team reads another's: every way to what a team was told, tried by another team.

One team has an answer, from a run with a key, that a model gave it and nobody else. Another team
knows everything that could lead there, but what the token says. An attempt is one line of a table.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.stack import LocalStack
from tests.e2e.bus import Bus, event
from tests.e2e.conftest import Play, eventually, new_review
from tests.e2e.test_governance import items, post

AGENT = "review_sentiment"
OWNER, STRANGER = "platform", "retail"
WORKFLOW = "quokka-launch"
OWN_USAGE_ONLY = "You may read the usage of your own team; any other needs the role usage:read-all."
ROOM: dict[str, Any] = {"label": "mixed", "intensity": "mild", "topics": ["room"]}
RAIN: dict[str, Any] = {"label": "negative", "intensity": "strong", "topics": ["rain"]}


@dataclass(frozen=True)
class Target:
    """What the owner has, and what everybody might know of it."""

    review: dict[str, Any]
    key: str
    event: dict[str, Any]
    later: str
    """Where a run is read that was done later."""
    outcome: dict[str, Any]
    reply: httpx.Response


Attempt = Callable[[httpx.Client, str, Target], httpx.Response]


def asks(given: Callable[[Target], Any], **headers: Callable[[Target], str]) -> Attempt:
    """Run the agent, with what is known of the target in input and headers."""

    def attempt(http: httpx.Client, token: str, target: Target) -> httpx.Response:
        sent = {name.replace("_", "-"): value(target) for name, value in headers.items()}
        return post(http, token, AGENT, given(target), **sent)

    return attempt


def reads(path: Callable[[Target], str]) -> Attempt:
    def attempt(http: httpx.Client, token: str, target: Target) -> httpx.Response:
        return http.get(path(target), headers={"Authorization": f"Bearer {token}"})

    return attempt


def the_same(target: Target) -> dict[str, Any]:
    return target.review


def event_key(target: Target) -> str:
    return f'"{target.event["source"]} {target.event["id"]}"'


ATTEMPTS: dict[str, Attempt] = {
    "the same question": asks(the_same),
    "the same question under the owner's name": asks(the_same, X_Team=lambda _: OWNER),
    "the same question in the owner's workflow": asks(the_same, X_Workflow=lambda _: WORKFLOW),
    "the same question in the owner's trace": asks(
        the_same, traceparent=lambda t: f"00-{t.outcome['trace_id']}-{t.outcome['span_id']}-01"
    ),
    "the same key": asks(the_same, Idempotency_Key=lambda t: t.key),
    "the same key with another input": asks(
        lambda _: new_review(), Idempotency_Key=lambda t: t.key
    ),
    "the key of the owner's event": asks(the_same, Idempotency_Key=event_key),
    "the run's id as a key": asks(the_same, Idempotency_Key=lambda t: t.outcome["id"]),
    "the same key, to be done later": asks(
        the_same, Idempotency_Key=lambda t: t.key, Prefer=lambda _: "respond-async"
    ),
    "a run that was done later": reads(lambda t: t.later),
    "the run by its id": reads(lambda t: f"/v1/runs/{t.outcome['id']}"),
    "the event's run by its id": reads(lambda t: f"/v1/runs/{t.event['run']}"),
    "all usage": reads(lambda _: "/v1/usage?group_by=team,agent,model"),
    "the owner's usage": reads(lambda _: f"/v1/usage?team={OWNER}&group_by=workflow"),
    "the usage of a team that there is not": reads(lambda _: "/v1/usage?team=nobody"),
}
REFUSED = {"the owner's usage", "the usage of a team that there is not"}
"""Attempts that are answered alike whether or not there is such a team."""


@pytest.fixture(scope="module")
def tokens(stack: LocalStack) -> dict[str, str]:
    return {team: stack.identity.mint(team) for team in (OWNER, STRANGER)}


@pytest.fixture
def target(http: httpx.Client, tokens: dict[str, str], bus: Bus, play: Play) -> Iterator[Target]:
    """The owner's answers, over HTTP and by event; from then on the model says something else."""
    review, key = new_review(), f"key-{uuid.uuid4()}"
    play({"reply": ROOM})
    token = tokens[OWNER]
    reply = post(http, token, AGENT, review, **{"Idempotency-Key": key, "X-Workflow": WORKFLOW})
    sent = event("review.submitted", new_review(), team=OWNER)
    bus.publish(sent)
    (answer,) = eventually(lambda: bus.answers(sent))
    assert (reply.status_code, answer["data"]["label"]) == (200, ROOM["label"])
    later = post(http, token, AGENT, new_review(), Prefer="respond-async").headers["location"]
    mine = {"Authorization": f"Bearer {token}"}
    eventually(lambda: ROOM["label"] in http.get(later, headers=mine).text)
    play({"reply": RAIN})
    yield Target(review, key, {**sent, "run": answer["runid"]}, later, reply.json(), reply)
    again = post(http, token, AGENT, review, **{"Idempotency-Key": key})
    assert again.content == reply.content, "and the owner's record is as it was"


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_another_team_learns_nothing(
    attempt: str,
    http: httpx.Client,
    stack: LocalStack,
    tokens: dict[str, str],
    target: Target,
) -> None:
    spent = of_owner(stack)
    response = ATTEMPTS[attempt](http, tokens[STRANGER], target)

    if attempt in REFUSED:
        assert (response.status_code, response.json()["detail"]) == (403, OWN_USAGE_ONLY)
    elif response.request.method == "GET":
        assert response.status_code in (200, 404), "never 403, which would say that it exists"
    elif response.status_code == 202:
        assert response.headers["location"] != target.later, "a run of its own"
    else:
        assert response.status_code == 200, response.text
        assert response.json()["output"]["label"] == RAIN["label"], "its own model call"
        assert response.json()["cost_micro_usd"] > 0, "that it pays for itself"
    assert "idempotent-replayed" not in response.headers
    known = (target.outcome["id"], target.event["run"], WORKFLOW, ROOM["label"], OWNER)
    assert [word for word in known if word in response.text] == []
    assert of_owner(stack) == spent, "and the owner pays nothing"


def test_an_event_that_another_team_sent_before_is_another_event(bus: Bus, target: Target) -> None:
    before = len(bus.answers(target.event))
    sent = {name: value for name, value in target.event.items() if name != "run"}
    bus.publish(sent | {"team": STRANGER})
    answers = eventually(lambda: bus.answers(target.event)[before:])

    assert [(a["team"], a["data"]["label"]) for a in answers] == [(STRANGER, RAIN["label"])]


def of_owner(stack: LocalStack) -> list[dict[str, Any]]:
    """What the owner's ledger says."""
    return [line for line in items(stack, "Ledger") if line["team"]["S"] == OWNER]
