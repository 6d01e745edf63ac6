"""Requests and replies of the OpenFeature Remote Evaluation Protocol."""

import json
from typing import Any

import pytest

from functions.domain.errors import FlagNotEvaluated, StoreUnavailable
from functions.domain.names import JsonObject
from functions.domain.team import Teams
from functions.entrypoints.flags import evaluated, evaluated_all, failure, read_evaluation
from functions.entrypoints.requests import read_caller
from functions.pipeline.flags import Evaluation
from tests import fakes
from tests.unit.http_events import request

TEAMS = Teams(tiers={}, teams={fakes.TEAM.name: fakes.TEAM})
HALF = {
    "default": False,
    "rules": {
        "half": {
            "when_match": True,
            "conditions": [{"key": "bucket", "action": "KEY_LESS_THAN_VALUE", "value": 50}],
        }
    },
}


def read(
    body: object = None,
    written: JsonObject | None = None,
    *,
    known: bool = True,
) -> Evaluation:
    switches = fakes.FakeSwitches((written or {}) if known else None)
    asked = request(body)
    return read_evaluation(asked, read_caller(asked), switches, [fakes.manifest()], TEAMS)


def flags(reply: Any) -> list[JsonObject]:
    found: list[JsonObject] = json.loads(reply.body)["flags"]
    return found


def test_one_flag_is_told_with_its_reason_and_its_variant() -> None:
    assert evaluated(read({}), "agent.echo") == {
        "key": "agent.echo",
        "value": True,
        "reason": "STATIC",
        "variant": "manifest",
        "metadata": {"agent": "echo", "version": "1.2.3"},
    }


def test_all_flags_are_told_each_by_itself() -> None:
    written = {"page": {"boolean_type": False, "default": 1.5}, "share": HALF}

    found = flags(evaluated_all(read({"context": {}}, written), None))

    assert [flag["key"] for flag in found] == ["agent.echo", "page", "share"]
    assert found[1]["value"] == 1.5
    assert found[2]["errorCode"] == "TARGETING_KEY_MISSING"
    assert "value" not in found[2]


def test_a_client_that_has_these_values_is_told_so() -> None:
    first = evaluated_all(read({}), None)
    tag = str(first.headers["ETag"])

    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = evaluated_all(read({}), sent)
        assert (again.status_code, again.body, again.headers) == (304, None, {"ETag": tag})


def test_another_value_for_anybody_has_another_tag() -> None:
    on, off = ({"page": {"default": value}} for value in (True, False))
    tag = str(evaluated_all(read({}, on), None).headers["ETag"])

    assert evaluated_all(read({}, off), tag).status_code == 200
    assert evaluated_all(read({}, on), '"other"').status_code == 200


@pytest.mark.parametrize("name", ["team", "zone", "roles", "bucket"])
def test_a_context_cannot_claim_what_the_token_says(name: str) -> None:
    with pytest.raises(FlagNotEvaluated, match=name) as caught:
        read({"context": {name: "retail"}})
    assert failure(caught.value, "agent.echo") == {
        "key": "agent.echo",
        "errorCode": "INVALID_CONTEXT",
        "errorDetails": caught.value.detail,
    }


@pytest.mark.parametrize("body", [[], {"context": None}, {"context": {"targetingKey": 7}}])
def test_a_context_that_is_none_is_refused(body: object) -> None:
    with pytest.raises(FlagNotEvaluated) as caught:
        read(body)
    assert caught.value.code == "INVALID_CONTEXT"
    assert "key" not in failure(caught.value, None)


def test_a_body_that_is_no_json_is_a_parse_error() -> None:
    with pytest.raises(FlagNotEvaluated) as caught:
        read('{"context":')
    assert caught.value.code == "PARSE_ERROR"
    assert caught.value.status == 400


@pytest.mark.parametrize("body", ["", {}, {"context": {}}])
def test_a_context_may_be_left_out(body: object) -> None:
    assert read(body).context == {}


def test_flags_that_are_not_known_are_not_guessed() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        read({}, known=False)
    assert caught.value.retry_after_seconds == 30
    assert failure(caught.value, "agent.echo") == {}
