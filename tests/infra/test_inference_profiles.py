"""Business units have profiles of their own where a zone wants them, and nobody gets further."""

import json
import re
from decimal import Decimal

import pytest
from pydantic import ValidationError

from functions.domain.bedrock_tags import tag
from functions.domain.team import Teams
from functions.domain.zone import Reconciling, Zone, Zones
from infra.constructs.inference_profiles import business_units
from tests.infra.estates import HAIKU, TIERS, ZONES
from tests.infra.templates import Resource, Template, each

TYPE = "AWS::Bedrock::ApplicationInferenceProfile"
ACCOUNT = "arn:aws:bedrock:eu-central-1:111122223333"


@pytest.fixture(scope="module")
def stack(switched_on: list[Template]) -> Template:
    (found,) = (t for t in switched_on if t.name.endswith("-inference-profiles"))
    return found


def test_there_are_none_unless_a_zone_asks(every: list[Template], stack: Template):
    assert not [t.name for t in every if TYPE in t.text or "application-inference" in t.text]
    assert stack.region == "eu-central-1"


def test_a_unit_has_a_tagged_profile_of_each_model_and_one_parameter(stack: Template):
    zone = Zones.parse(ZONES).zones["eu"]
    sources = set()
    for _, id_, profile in each([stack], TYPE):
        tags = {each["Key"]: each["Value"] for each in profile["Tags"]}
        assert tags["gatehouse:business-unit"] == "Unit", id_
        assert tags["gatehouse:cost-centre"] == "CC-1"
        source = profile["ModelSource"]["CopyFrom"]
        assert source == f"{ACCOUNT}:inference-profile/{tags['gatehouse:model']}"
        assert re.fullmatch(r"([0-9a-zA-Z][ _-]?){1,64}", profile["InferenceProfileName"])
        sources.add(tags["gatehouse:model"])
    assert sources == zone.models, "and every one is copied from a profile of the zone"
    ((_, _, parameter),) = each([stack], "AWS::SSM::Parameter")
    assert all(model in json.dumps(parameter["Value"]) for model in zone.models)


def statements(template: Template, action: str) -> list[Resource]:
    return [
        statement
        for _, _, policy in each([template], "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if action in statement["Action"]
    ]


def test_a_role_may_call_the_zone_s_profiles_of_its_own_models_only(
    switched_on: list[Template],
):
    seen = 0
    for template in (t for t in switched_on if t.region == "eu-central-1"):
        for statement in statements_of_profiles(template):
            seen += 1
            asked = statement["Condition"]["StringEquals"]
            assert asked["aws:ResourceTag/gatehouse:zone"] == "eu"
            assert asked["aws:ResourceTag/gatehouse:model"] == [f"eu.{HAIKU}"]
    assert seen == 2, "the function behind the API, and the agent's"


def statements_of_profiles(template: Template) -> list[Resource]:
    if not template.of_type("AWS::IAM::Policy"):
        return []
    return [
        s
        for s in statements(template, "bedrock:InvokeModel")
        if s["Resource"] == f"{ACCOUNT}:application-inference-profile/*"
    ]


def test_the_model_behind_is_reached_by_way_of_a_profile_inside_the_geography(
    switched_on: list[Template],
):
    (agent,) = (t for t in switched_on if t.name.endswith("eu-central-1-agent-echo"))
    behind = [
        s["Condition"]
        for s in statements(agent, "bedrock:InvokeModel")
        if "foundation-model" in str(s["Resource"])
    ]
    assert {
        "ArnLike": {"bedrock:InferenceProfileArn": f"{ACCOUNT}:application-inference-profile/*"},
        "StringLike": {"aws:RequestedRegion": ["eu-*"]},
    } in behind
    assert all("StringLike" in condition for condition in behind)


EVERYBODY = ("logs:Create", "logs:Put", "secretsmanager:", "xray:")
"""What every function may do: write its log, and export its spans."""


def test_the_reconciler_reads_what_its_zone_names_and_nothing_else(switched_on: list[Template]):
    wanted = {
        "eu-central-1": {
            "ce:GetCostAndUsage",
            "cloudwatch:GetMetricData",
            "dynamodb:Query",
            "logs:FilterLogEvents",
            "ssm:GetParametersByPath",
        },
        "us-east-1": {"cloudwatch:GetMetricData", "dynamodb:Query"},
    }
    for template in (t for t in switched_on if t.name.endswith("-upkeep")):
        allowed = {
            action
            for _, id_, policy in each([template], "AWS::IAM::Policy")
            if id_.startswith("Reconciler")
            for statement in policy["PolicyDocument"]["Statement"]
            for action in (
                [statement["Action"]]
                if isinstance(statement["Action"], str)
                else statement["Action"]
            )
        }
        shared = {a for a in allowed if not a.startswith((*EVERYBODY, "kms:"))}
        assert shared == wanted[template.region], template.name


def test_units_that_are_tagged_alike_share_their_profiles():
    def team(name: str, unit: str, centre: str) -> str:
        return (
            f'[teams.{name}]\nzone = "eu"\nbusiness_unit = "{unit}"\ncost_centre = "{centre}"\n'
            'tier = "standard"\nbudget = { monthly_usd = 10 }\n'
        )

    teams = Teams.parse(
        TIERS + team("a", "R&D", "CC-1") + team("b", "R-D", "CC-2") + team("c", "Care", "CC-3")
    )

    assert business_units(teams.teams.values()) == {"Care": "CC-3", tag("R&D"): "several"}


def test_a_bill_needs_profiles_to_be_told_apart_by():
    zone = Zones.parse(ZONES).zones["eu"].model_dump()
    with pytest.raises(ValidationError, match="inference_profiles"):
        Zone.model_validate({**zone, "reconciliation": {"cost_explorer": True}})
    assert Reconciling().tolerance_usd == Decimal(1)
