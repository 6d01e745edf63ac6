"""Events that arrive by HTTP, with fakes for the topic."""

from pathlib import Path
from typing import Any

import pytest

from functions.bootstrap.http import Http
from functions.domain.audit_lines import Site
from functions.domain.contracts import Contract, Contracts
from functions.domain.errors import (
    AccessDenied,
    GatehouseError,
    InvalidInput,
    MalformedRequest,
    PayloadTooLarge,
    TeamSwitchedOff,
    UnsupportedMediaType,
)
from functions.domain.names import JsonObject
from functions.domain.team import Caller
from functions.entrypoints.publishing import publication, published
from tests import fakes
from tests.unit.http_events import request

CONTRACTS = Contracts.load(Path(__file__).parents[2] / "events")
OURS = frozenset({"run.completed", "review.sentiment"})
CALLER = Caller(
    subject="shop", team="helpdesk", zone="eu", roles=frozenset({"events:publish", "x:y"})
)


class Desk:
    """The publishing side of the API, with a topic to read off what was sent."""

    def __init__(self) -> None:
        self.topic, self.telemetry = fakes.FakePublisher(), fakes.FakeTelemetry()
        self.trail = fakes.FakeTrail()
        self.http = Http(
            runs=lambda _: pytest.fail("nothing is run"),
            accept=lambda _: pytest.fail("nothing is accepted"),
            records=fakes.FakeRecords(),
            publisher=self.topic,
            telemetry=self.telemetry,
            switches=fakes.FakeSwitches(),
            trail=self.trail,
            site=Site("eu", "eu-central-1"),
            now=lambda: fakes.NOW,
        )

    def publish(self, body: object, **headers: str) -> JsonObject:
        sent = request(body, **headers)
        by = publication(sent, self.http, CONTRACTS, OURS, CALLER, fakes.TEAM)
        return published(sent, by)


def review(**changes: Any) -> dict[str, Any]:
    data = {"review_id": "r-1", "product_id": "p-1", "text": "Good."}
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/shop",
        "type": "review.submitted",
        "time": "2026-11-22T09:30:00Z",
        "data": data,
    } | changes


def test_an_event_is_sent_in_the_name_of_the_callers_team():
    desk = Desk()
    found = desk.publish(review(), X_Workflow="launch")
    assert found == {"results": [{"id": "e-1", "status": 202}]}
    (sent,) = desk.topic.events
    assert (sent.team, sent.workflow) == (fakes.TEAM.name, "launch")
    assert sent.dataschema == "urn:gatehouse:event:review.submitted:v1"


def test_each_event_of_a_batch_has_a_result_of_its_own():
    desk = Desk()
    batch = [review(id="a"), review(id="b", data={}), 7, review(id="d")]
    results = desk.publish(batch)["results"]
    assert [result["status"] for result in results] == [202, 422, 422, 202]
    assert [result.get("id") for result in results] == ["a", "b", None, "d"]
    assert results[1]["problem"]["violations"][0]["pointer"].startswith("/data")
    assert [event.id for event in desk.topic.events] == ["a", "d"]


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"type": "review.unheard"}, InvalidInput, "review.submitted"),
        ({"dataschema": "urn:gatehouse:event:review.submitted:v9"}, InvalidInput, "v1"),
        ({"type": "run.completed"}, InvalidInput, "alone"),
        ({"type": "review.sentiment"}, InvalidInput, "alone"),
        ({"data": {}}, InvalidInput, "/data"),
        ({"time": "yesterday"}, InvalidInput, "/time"),
        ({"specversion": "0.3"}, InvalidInput, "/specversion"),
        ({"team": "retail"}, AccessDenied, "helpdesk"),
        ({"chain": "x" * 4097}, InvalidInput, "/chain"),
    ],
)
def test_what_is_wrong_with_an_event_is_said(
    changes: dict[str, Any], error: type[GatehouseError], says: str
):
    desk = Desk()
    with pytest.raises(error, match=says):
        desk.publish(review(**changes))
    assert not desk.topic.events


def test_an_event_that_no_message_can_hold_is_refused():
    desk = Desk()
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    anything = Contracts({"big.event": {1: Contract("big.event", 1, schema)}})
    by = publication(request(), desk.http, anything, OURS, CALLER, fakes.TEAM)
    with pytest.raises(PayloadTooLarge, match="240000"):
        by.publish(review(type="big.event", data={"text": "x" * 240_000}))
    assert not desk.topic.events


@pytest.mark.parametrize("batch", [[], [review()] * 11])
def test_a_batch_has_one_to_ten_events(batch: list[Any]):
    with pytest.raises(InvalidInput, match="1 to 10"):
        Desk().publish(batch)


def test_what_is_no_json_is_refused():
    with pytest.raises(MalformedRequest):
        Desk().publish("{")
    with pytest.raises(UnsupportedMediaType):
        Desk().publish(review(), Content_Type="text/plain")


def test_cloudevents_media_types_are_taken():
    found = Desk().publish(review(), Content_Type="application/cloudevents+json; charset=utf-8")
    assert found["results"][0]["status"] == 202


def test_a_team_that_is_switched_off_publishes_nothing():
    off = fakes.TEAM.model_copy(update={"enabled": False})
    with pytest.raises(TeamSwitchedOff):
        publication(request(review()), Desk().http, CONTRACTS, OURS, CALLER, off)


def test_a_run_that_an_event_names_is_not_believed():
    desk = Desk()
    desk.publish(review(runid="run_1", hops=3, chain="a b c"))
    (sent,) = desk.topic.events
    assert (sent.runid, sent.hops, sent.chain) == (None, 3, "a b c")


def test_each_event_of_a_request_has_an_audit_line():
    desk = Desk()
    wrong = review(id="e-2", data={"text": "Wilhelmina"}, dataschema="Wilhelmina")
    desk.publish([review(), wrong, "no event", review(id="e-4", type="made.up_by_wilhelmina")])

    told = [(line["decision"], line.get("reason"), line.get("event")) for line in desk.trail.lines]
    assert told == [
        ("published", None, "/shop e-1"),
        ("refused", "invalid-input", "/shop e-2"),
        ("refused", "invalid-input", None),
        ("refused", "invalid-input", None),
    ]
    assert desk.trail.lines[0]["rules"] == {"contract": "urn:gatehouse:event:review.submitted:v1"}
    assert {line["who"]["subject"] for line in desk.trail.lines} == {"shop"}
    assert "ilhelmina" not in str(desk.trail.lines)


def test_who_may_not_publish_has_an_audit_line():
    desk, nobody = Desk(), CALLER.model_copy(update={"roles": frozenset()})
    with pytest.raises(AccessDenied):
        publication(request(review()), desk.http, CONTRACTS, OURS, nobody, fakes.TEAM)
    (line,) = desk.trail.lines
    assert (line["decision"], line["reason"], line["who"]["subject"]) == (
        "refused",
        "access-denied",
        "shop",
    )
