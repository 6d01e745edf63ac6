"""A template is of one region, and what must last outlives every deploy."""

import re

import boto3

from infra.permissions import named
from tests.infra.templates import Template, each

ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]*):([a-z0-9*-]*):([a-z0-9]*):")
GLOBAL = {"bedrock", "budgets", "iam", "s3"}
"""Services whose ARNs name no region: roles and policies, buckets, budgets, AWS's own models."""
REGION = re.compile(r"(?<![a-z])[a-z]{2}(?:-[a-z]+)+-\d")


def _regions_of_the_world() -> set[str]:
    session = boto3.Session()
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition)
    }


def test_no_template_names_a_region_that_is_not_its_own(
    every: list[Template], switched_on: list[Template]
):
    world = _regions_of_the_world()
    assert {template.region for template in every} <= world
    for template in [*every, *switched_on]:
        named = world.intersection(REGION.findall(template.text))
        assert named <= {template.region}, template.name


def test_every_arn_is_of_its_templates_own_region_and_account(
    every: list[Template], switched_on: list[Template]
):
    """One that names no region is of a global service, or of a place that AWS fills in."""
    seen = 0
    for template in [*every, *switched_on]:
        for arn in ARN.findall(template.text):
            service, region, account = arn
            seen += 1
            if region not in {template.region, ""}:
                assert (service, region) == ("bedrock", "*"), (template.name, arn)
            assert account in {"", "111122223333", "aws", "lambda"}, (template.name, arn)
            if not region:
                assert service in GLOBAL, (template.name, arn)
    assert seen


def test_what_a_function_is_told_is_of_its_own_region(every: list[Template]):
    for template, id_, function in each(every, "AWS::Lambda::Function"):
        told = function["Environment"]["Variables"]
        assert told["GATEHOUSE_REGION"] == template.region, (template.name, id_)


def test_every_region_of_every_zone_has_its_stacks(deployed: list[Template]):
    parts: dict[str, set[str]] = {}
    for template in deployed:
        part = template.name.removeprefix(f"gatehouse-{template.region}-")
        parts.setdefault(template.region, set()).add(part)
    assert set(parts) == {"eu-central-1", "eu-west-1", "us-east-1"}
    for region, names in parts.items():
        assert {"state", "edge", "teams-0"} <= names, region


def test_tables_survive_their_stack_and_can_be_restored_to_any_second(every: list[Template]):
    for template, id_, table in each(every, "AWS::DynamoDB::Table"):
        resource = template.resources[id_]
        kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        recovery = table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert (*kept, recovery) == ("Retain", "Retain", True), (template.name, id_)


def test_what_has_left_a_table_for_good_leaves_its_backups_a_day_later(every: list[Template]):
    for template, id_, table in each(every, "AWS::DynamoDB::Table"):
        days = table["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"]
        assert days == (1 if "TimeToLiveSpecification" in table else 35), (template.name, id_)


def test_money_and_accepted_work_cannot_be_deleted_by_mistake(every: list[Template]):
    for state in (template for template in every if template.name.endswith("-state")):
        protected = {
            named({"Ref": id_})
            for id_, table in state.of_type("AWS::DynamoDB::Table").items()
            if table.get("DeletionProtectionEnabled")
        }
        assert protected == {"Budgets", "Ledger", "Runs", "Usage"}, state.name


def test_whatever_is_not_money_ends_by_itself(every: list[Template]):
    for template, id_, table in each(every, "AWS::DynamoDB::Table"):
        if named({"Ref": id_}) not in {"Budgets", "Ledger", "Usage"}:
            expires = {"AttributeName": "expiration", "Enabled": True}
            assert table["TimeToLiveSpecification"] == expires, (template.name, id_)


def test_stacks_share_nothing_whose_name_changes_with_its_content(every: list[Template]):
    for template in every:
        exported = re.findall(r'"Name": "[^"]*:(ExportsOutput[^"]*)"', template.text)
        changing = [name for name in exported if "Packages" in name or "Version" in name]
        assert not changing, template.name
