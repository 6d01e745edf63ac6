"""The registry has every released contract, in a language that it reads, revision by revision."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from functions.domain.contracts import Released, released
from infra.blueprint import ROOT
from infra.node import use_packaged_node
from tests.infra.templates import Template, each

EVENTS = ROOT / "events"
LONGEST_DEFINITION = 170_000
REVISIONS = tuple({"type": "object", "title": title} for title in ("first", "second", "third"))


@pytest.fixture(scope="module")
def revised() -> dict[str, Any]:
    """Resources of a registry with a contract that was released three times."""
    use_packaged_node()
    # Starting the CDK takes seconds, and only this fixture needs it.
    from aws_cdk import App, Stack
    from aws_cdk.assertions import Template as Synthesized

    from infra.constructs.schema_registry import SchemaRegistry

    stack = Stack(App(), "stack")
    SchemaRegistry(stack, "Contracts", releases=[Released("order.line_added", 2, REVISIONS)])
    found: dict[str, Any] = Synthesized.from_stack(stack).to_json()["Resources"]
    return found


def definition(properties: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(properties["SchemaDefinition"])
    return found


def test_every_region_registers_every_released_contract(deployed: list[Template]):
    names = {f"{one.type.replace('.', '-')}-v{one.version}" for one in released(EVENTS)}
    assert len(names) == len(released(EVENTS)) > 0
    for template, _, registry in each(deployed, "AWS::Glue::Registry"):
        assert registry["Name"] == "gatehouse-events"
        schemas = template.of_type("AWS::Glue::Schema").values()
        assert {schema["Name"] for schema in schemas} == names
    regions = {template.region for template in deployed}
    assert regions == {template.region for template, *_ in each(deployed, "AWS::Glue::Registry")}


def test_what_is_registered_is_json_and_may_only_evolve_backward(deployed: list[Template]):
    for template, id_, schema in each(deployed, "AWS::Glue::Schema"):
        assert (schema["DataFormat"], schema["Compatibility"]) == ("JSON", "BACKWARD"), id_
        assert len(schema["SchemaDefinition"]) < LONGEST_DEFINITION
        registry = schema["Registry"]["Arn"]["Fn::GetAtt"][0]
        assert template.resources[registry]["Type"] == "AWS::Glue::Registry"


def test_the_registered_form_is_draft_07_and_takes_the_samples(deployed: list[Template]):
    for _, _, schema in each(deployed, "AWS::Glue::Schema"):
        registered = definition(schema)
        Draft7Validator.check_schema(registered)
        assert registered["$schema"] == "http://json-schema.org/draft-07/schema#"
        type_ = schema["Description"].split(":")[3]
        samples = [*(EVENTS / type_ / "samples").glob("v1-*.json")]
        assert samples
        for sample in samples:
            data = json.loads(sample.read_text(encoding="utf-8"))["data"]
            Draft7Validator(registered).validate(data)
            assert not Draft7Validator(registered).is_valid({})


def test_a_definition_is_found_in_the_registered_form(deployed: list[Template]):
    text = next(
        schema["SchemaDefinition"]
        for _, _, schema in each(deployed, "AWS::Glue::Schema")
        if schema["Name"] == "kyc-assessed-v1"
    )
    assert '"#/definitions/proved"' in text
    assert "$defs" not in text


def test_a_contract_is_registered_in_the_order_of_its_releases(revised: dict[str, Any]):
    (schema_id, schema), *others = (
        (id_, one) for id_, one in revised.items() if one["Type"] == "AWS::Glue::Schema"
    )
    assert not others
    assert schema["Properties"]["Name"] == "order-line_added-v2"
    chain = [definition(schema["Properties"])["title"]]
    before = schema_id
    versions = {id_: one for id_, one in revised.items() if one["Type"].endswith("SchemaVersion")}
    while versions:
        (before,) = (id_ for id_, one in versions.items() if one["DependsOn"] == [before])
        version = versions.pop(before)["Properties"]
        assert version["Schema"] == {"SchemaArn": {"Fn::GetAtt": [schema_id, "Arn"]}}
        chain.append(definition(version)["title"])
    assert chain == ["first", "second", "third"]
