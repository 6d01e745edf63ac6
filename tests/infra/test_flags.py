"""Flags as they are deployed: checked, rolled out in steps, readable by those who need them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from infra.blueprint import ROOT, Blueprint, Refused
from infra.flags import problems, read
from tests.infra.estates import estate, manifest
from tests.infra.templates import Template, each

READING = ["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"]
RULE: dict[str, Any] = {
    "when_match": True,
    "conditions": [{"action": "EQUALS", "key": "team", "value": "helpdesk"}],
}
EVERY_KIND = {
    "agent.echo": {"default": False, "rules": {"them": RULE}},
    "page.size": {"boolean_type": False, "default": {"rows": 3}},
    "page": {"default": True, "rules": {"x": RULE}},
}


def changed(**changes: Any) -> dict[str, Any]:
    """An agent's flag whose rule is changed so."""
    return {"agent.echo": {"default": False, "rules": {"them": {**RULE, **changes}}}}


def condition(**changes: Any) -> dict[str, Any]:
    return changed(conditions=[{**RULE["conditions"][0], **changes}])


def test_what_is_written_is_what_is_deployed_in_its_order(deployed: list[Template]):
    written = (ROOT / "infra" / "flags.json").read_text(encoding="utf-8")
    for template, _, version in each(deployed, "AWS::AppConfig::HostedConfigurationVersion"):
        assert json.dumps(json.loads(version["Content"])) == json.dumps(json.loads(written))
        assert template.name.endswith("-flags")


def test_every_region_deploys_its_flags_in_steps_that_can_be_watched(deployed: list[Template]):
    for template, _, deployment in each(deployed, "AWS::AppConfig::Deployment"):
        strategies = template.of_type("AWS::AppConfig::DeploymentStrategy")
        used = strategies[deployment["DeploymentStrategyId"]["Ref"]]
        assert used["GrowthFactor"] < 100
        assert used["DeploymentDurationInMinutes"] > 0
        assert used["FinalBakeTimeInMinutes"] > 0


def test_a_kill_is_everywhere_at_once_and_blocks_no_further_change(deployed: list[Template]):
    found = [s for _, _, s in each(deployed, "AWS::AppConfig::DeploymentStrategy")]
    for strategy in (s for s in found if s["Name"].endswith("at-once")):
        assert strategy["GrowthFactor"] == 100
        assert strategy["DeploymentDurationInMinutes"] == 0
        assert strategy["FinalBakeTimeInMinutes"] == 0


def test_appconfig_checks_every_version_by_the_same_schema(deployed: list[Template]):
    for _, _, profile in each(deployed, "AWS::AppConfig::ConfigurationProfile"):
        assert profile["Type"] == "AWS.Freeform"
        (validator,) = profile["Validators"]
        assert validator["Type"] == "JSON_SCHEMA"
        assert json.loads(validator["Content"]) == read(ROOT / "infra" / "flags.schema.json")
        assert len(validator["Content"]) <= 32_768


def test_who_runs_agents_may_read_the_one_configuration_and_nobody_may_change_it(
    every: list[Template],
):
    readers = set()
    for template, _, policy in each(every, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "appconfig:" in json.dumps(statement["Action"]):
                assert statement["Action"] == READING
                resource = json.dumps(statement["Resource"])
                assert "/configuration/" in resource
                assert "*" not in resource
                readers.add(template.name)
    kinds = ("-edge",)
    assert readers == {t.name for t in every if "-agent-" in t.name or t.name.endswith(kinds)}


def test_functions_that_run_agents_are_told_where_the_flags_are(every: list[Template]):
    for template, _, function in each(every, "AWS::Lambda::Function"):
        told = function["Environment"]["Variables"].keys()
        runs = "GATEHOUSE_MEMORY_TABLE" in told
        for name in ("APPLICATION", "ENVIRONMENT", "PROFILE"):
            assert (f"GATEHOUSE_FLAGS_{name}" in told) == runs, template.name


def test_the_schema_is_of_the_draft_that_appconfig_knows():
    schema = read(ROOT / "infra" / "flags.schema.json")
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    Draft4Validator.check_schema(schema)


def test_flags_that_fit_are_not_refused():
    assert list(problems(EVERY_KIND, ["echo"])) == []
    assert list(problems({}, ["echo"])) == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"agent.nobody": {"default": True}}, "there is no such agent; they are: echo"),
        ({"agent.echo": {"default": "on"}}, "agent.echo → default: 'on' is not of type 'boolean'"),
        ({"agent.echo": {"default": True, "boolean_type": False}}, "boolean_type"),
        ({"agent.Echo": {"default": True}}, "agent.Echo"),
        ({"page": {}}, "'default' is a required property"),
        ({"page": {"default": True, "on": True}}, "'on' was unexpected"),
        ({"page": {"default": "short"}}, "boolean"),
        ({"page": {"default": True, "rules": {}}}, "page → rules"),
        (changed(when_match="yes"), "'yes' is not of type 'boolean'"),
        (changed(conditions=[]), "conditions"),
        (condition(key="country"), "'country' is not one of ['team', 'zone', 'roles', 'bucket'"),
        (condition(action="LIKES"), "'action' value must be either"),
        (condition(action="MODULO_RANGE", key="bucket", value={"BASE": 100}), "MODULO_RANGE"),
    ],
)
def test_flags_that_do_not_fit_are_refused_with_the_place(flags: dict[str, Any], said: str):
    message, *_ = problems(flags, ["echo"])
    assert message.startswith("flags.json: ")
    assert said in message


@pytest.mark.parametrize("text", ["{", "[]", '{"a": {"default": true}, "a": {"default": false}}'])
def test_a_file_that_is_no_object_is_refused_before_anything_is_built(tmp_path: Path, text: str):
    sources = estate(tmp_path / "estate", agents={"echo": manifest()})
    file = tmp_path / "flags.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"flags\.json"):
        Blueprint.read(replace(sources, flags=file))
