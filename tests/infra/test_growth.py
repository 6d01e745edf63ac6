"""What fifty agents and five hundred teams come to, measured against AWS's limits."""

import json
from pathlib import Path

import pytest

from infra import limits
from infra.analysis.templates import templates
from infra.limits import LIMITS, Limit
from tests.infra.conftest import AGENTS, TEAMS
from tests.infra.templates import Template, each


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_no_limit_is_passed_but_those_that_are_said_to_be(limit: Limit, grown: list[Template]):
    used = limit.measure(templates(grown[0].file.parent))
    assert (used > limit.value) == limit.outgrown, f"{used:,} {limit.name} of {limit.value:,}"
    assert limit.raisable or not limit.outgrown


def test_the_page_has_these_figures(grown: list[Template]):
    page = limits.PAGE.read_text(encoding="utf-8")
    made = limits.made(page, templates(grown[0].file.parent))
    assert made == page, "run 'python -m infra.limits build/synth/grown'"


def test_the_estate_is_as_large_as_the_page_says(grown: list[Template]):
    assert sum("-agent-" in template.name for template in grown) == AGENTS
    assert f"{AGENTS} agents and {TEAMS} teams" in limits.PAGE.read_text(encoding="utf-8")


def test_every_team_has_one_key_in_the_plan_of_its_tier(grown: list[Template]):
    teams = [template for template in grown if "-teams-" in template.name]
    keys = [key for _, _, key in each(teams, "AWS::ApiGateway::ApiKey")]
    memberships = [*each(teams, "AWS::ApiGateway::UsagePlanKey")]
    assert len({key["Value"] for key in keys}) == len(memberships) == TEAMS


def test_policies_and_environments_fit_in_every_region(every: list[Template]):
    folders = {template.file.parent for template in every}
    found = [one for folder in sorted(folders) for one in templates(folder)]
    for limit in LIMITS:
        if limit.name.startswith(("characters", "bytes")):
            assert limit.measure(found) <= limit.value, limit.name


def test_what_is_measured_is_what_is_there(tmp_path: Path):
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyDocument": {"a": "1234"}}]},
    }
    policy = {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"b": "5678"}}
    resources = {"Role": role, "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy}}
    (tmp_path / "stack.json").write_text(json.dumps({"Resources": resources}))
    stack = {"environment": "aws://1/eu-central-1", "properties": {"templateFile": "stack.json"}}
    artifact = {"type": "aws:cloudformation:stack", **stack}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"stack": artifact}}))
    found = templates(tmp_path)
    used = {limit.name: limit.measure(found) for limit in LIMITS}
    assert used["resources in a stack"] == 2
    assert used["roles of an account"] == 1
    assert used["characters of a role's inline policies"] == 2 * len('{"a":"1234"}')
    assert [limits.rounded(n) for n in (0, 7, 99, 101, 1428)] == [0, 7, 99, 110, 1500]
