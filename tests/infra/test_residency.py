"""A template is of one region, and what must last outlives every deploy."""

import re

import boto3

from tests.infra.templates import Template, each

REGION = re.compile(r"(?<![a-z])[a-z]{2}(?:-[a-z]+)+-\d")


def _regions_of_the_world() -> set[str]:
    session = boto3.Session()
    return {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition)
    }


def test_no_template_names_a_region_that_is_not_its_own(every: list[Template]):
    world = _regions_of_the_world()
    assert {template.region for template in every} <= world
    for template in every:
        named = world.intersection(REGION.findall(template.text))
        assert named <= {template.region}, template.name


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


def test_the_ledger_cannot_be_deleted_by_mistake(every: list[Template]):
    for template, id_, table in each(every, "AWS::DynamoDB::Table"):
        if id_.startswith("Ledger"):
            assert table["DeletionProtectionEnabled"] is True, template.name


def test_memory_forgets_when_its_records_expire(every: list[Template]):
    for template, id_, table in each(every, "AWS::DynamoDB::Table"):
        if id_.startswith("Memory"):
            expires = {"AttributeName": "expiration", "Enabled": True}
            assert table["TimeToLiveSpecification"] == expires, template.name


def test_stacks_share_nothing_whose_name_changes_with_its_content(every: list[Template]):
    for template in every:
        exported = re.findall(r'"Name": "[^"]*:(ExportsOutput[^"]*)"', template.text)
        changing = [name for name in exported if "Packages" in name or "Version" in name]
        assert not changing, template.name
