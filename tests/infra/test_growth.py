"""What fifty agents and five hundred teams come to, measured against AWS's limits."""

import json

from tests.infra.conftest import AGENTS, TEAMS
from tests.infra.templates import Template, each

RESOURCES_PER_STACK = 500
TEMPLATE_BYTES = 1_000_000
INLINE_POLICY_CHARACTERS = 10_240
ENVIRONMENT_BYTES = 4_096


def test_no_stack_comes_near_the_limit_of_resources(grown: list[Template]):
    assert sum("-agent-" in template.name for template in grown) == AGENTS
    for template in grown:
        assert len(template.resources) < RESOURCES_PER_STACK, template.name


def test_every_team_has_one_key_in_the_plan_of_its_tier(grown: list[Template]):
    teams = [template for template in grown if "-teams-" in template.name]
    keys = [key for _, _, key in each(teams, "AWS::ApiGateway::ApiKey")]
    memberships = [*each(teams, "AWS::ApiGateway::UsagePlanKey")]
    assert len({key["Value"] for key in keys}) == len(memberships) == TEAMS


def test_templates_policies_and_environments_fit_their_limits(every: list[Template]):
    for template in every:
        assert len(template.text) < TEMPLATE_BYTES, template.name
    for template, id_, policy in each(every, "AWS::IAM::Policy"):
        size = len(json.dumps(policy["PolicyDocument"]))
        assert size < INLINE_POLICY_CHARACTERS, (template.name, id_)
    for template, id_, function in each(every, "AWS::Lambda::Function"):
        size = len(json.dumps(function["Environment"]["Variables"]))
        assert size < ENVIRONMENT_BYTES, (template.name, id_)
