"""No business unit and no workflow has a name for which Bedrock would refuse a call."""

import json
import re
from datetime import timedelta
from functools import cache
from typing import Any

import botocore.session
import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from functions.adapters.inference_profiles import InferenceProfiles
from functions.domain.bedrock_tags import (
    profile_name,
    profiles_parameter,
    request_metadata,
    tag,
)
from tests import fakes

ARN = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/abc123"


@cache
def shape(service: str, name: str) -> dict[str, Any]:
    """What AWS says of a type, out of the SDK's own copy of the interface."""
    loader = botocore.session.get_session().get_component("data_loader")
    found: dict[str, Any] = loader.load_service_model(service, "service-2")["shapes"][name]
    return found


def fits(text: str, service: str, name: str) -> bool:
    known = shape(service, name)
    return known.get("min", 0) <= len(text) <= known["max"] and bool(
        re.fullmatch(known["pattern"], text)
    )


@given(st.text(max_size=400), st.text(min_size=1, max_size=64))
def test_whatever_somebody_calls_a_workflow_or_a_unit_bedrock_takes_it(
    workflow: str, unit: str
) -> None:
    team = fakes.TEAM.model_copy(update={"business_unit": unit})

    told = request_metadata(fakes.run(workflow=workflow, team=team))

    assert len(told) <= shape("bedrock-runtime", "RequestMetadata")["max"]
    for name, value in told.items():
        assert fits(name, "bedrock-runtime", "RequestMetadataKeyString")
        assert fits(value, "bedrock-runtime", "RequestMetadataValueString"), value
    assert fits(told["business_unit"], "bedrock", "TagValue")
    name = profile_name("eu", unit, "eu.anthropic.claude-haiku-4-5-20251001-v1:0")
    assert fits(name, "bedrock", "InferenceProfileName"), name


def test_a_call_carries_who_asked_and_who_pays() -> None:
    assert request_metadata(fakes.run(workflow="black-friday/2026")) == {
        "run": fakes.RUN_ID,
        "agent": "echo",
        "team": "helpdesk",
        "workflow": "black-friday/2026",
        "zone": "eu",
        "business_unit": "Customer Care",
        "cost_centre": "CC-1",
    }


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("Customer Care", "Customer Care"),
        ("R&D", "R-D"),
        ("Größe", "Gro-e"),
        ("日本", "--"),
    ],
)
def test_a_name_stays_readable(text: str, tagged: str) -> None:
    assert tag(text) == tagged


def test_no_two_units_share_a_profile() -> None:
    names = {profile_name("eu", unit, "m") for unit in ("R&D", "R-D", "R D", "日本", "中国")}
    assert len(names) == 5


class FakeParameters:
    """As much of a client of SSM as is used."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []

    def get_parameter(self, *, Name: str) -> Any:  # noqa: N803  # AWS's name
        self.asked.append(Name)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, str):
            raise ClientError({"Error": {"Code": reply, "Message": ""}}, "GetParameter")
        return {"Parameter": {"Value": json.dumps(reply)}}


def profiles(client: FakeParameters, now: Any = lambda: fakes.NOW) -> InferenceProfiles:
    return InferenceProfiles(lambda: client, "eu", now, Logger("test"))  # type: ignore[arg-type,return-value]  # a fake of one method


TAGS = {"business_unit": "Customer Care"}


def test_a_unit_s_profile_is_called_and_looked_up_once() -> None:
    client = FakeParameters({fakes.MODEL: ARN})
    found = profiles(client)

    assert [found.called(fakes.MODEL, TAGS) for _ in range(3)] == [ARN] * 3
    assert found.called(fakes.SECOND, TAGS) == fakes.SECOND, "which has no profile"
    assert client.asked == [profiles_parameter("eu", "Customer Care")]


@pytest.mark.parametrize(
    "error", ["ParameterNotFound", "AccessDeniedException", "ThrottlingException"]
)
def test_a_profile_that_cannot_be_looked_up_costs_no_run(error: str) -> None:
    client = FakeParameters(error)
    found = profiles(client)

    assert [found.called(fakes.MODEL, TAGS) for _ in range(3)] == [fakes.MODEL] * 3
    assert len(client.asked) == 1, "nor a lookup for each call"


def test_a_profile_that_was_known_is_used_while_it_cannot_be_looked_up() -> None:
    times = iter([fakes.NOW + timedelta(minutes=n) for n in (0, 0, 0, 9, 9, 9, 9)])
    found = profiles(FakeParameters({fakes.MODEL: ARN}, "ThrottlingException"), lambda: next(times))

    assert found.called(fakes.MODEL, TAGS) == ARN
    assert found.called(fakes.MODEL, TAGS) == ARN
