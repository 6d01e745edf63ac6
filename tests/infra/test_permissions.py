"""Least privilege, read off the templates: who may do what to what."""

import re
from collections.abc import Iterator
from typing import Any

from infra import permissions
from tests.infra.templates import Resource, Template, each

OPEN = {
    "bedrock *:foundation-model/<model>": {"bedrock:InvokeModel"},
    "everything": {
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "xray:PutSpans",
        "xray:PutTraceSegments",
    },
    "Exports/focus/*": {"s3:PutObject"},
    "Outcomes/*": {"s3:GetObject", "s3:PutObject"},
    "TrailLines/*": {"s3:AbortMultipartUpload", "s3:PutObject"},
    "TrailLines/deferred/*": {"s3:PutObject"},
    "logs log-group:TrailErrors:log-stream:*": {"logs:PutLogEvents"},
    "secretsmanager secret:gatehouse/webhooks/*": {"secretsmanager:GetSecretValue"},
}
"""Every resource that is not named to its end, and what may be done with it."""

ASSUMED_BY = {
    "apigateway.amazonaws.com",
    "codedeploy.amazonaws.com",
    "firehose.amazonaws.com",
    "lambda.amazonaws.com",
}


def _allowed(every: list[Template]) -> Iterator[tuple[Template, Resource]]:
    for template, _, policy in each(every, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            yield template, statement


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_action_is_a_wildcard(every: list[Template]):
    for template, statement in _allowed(every):
        assert not [a for a in _list(statement["Action"]) if "*" in a], template.name


def test_a_resource_is_open_only_where_aws_has_none_to_name(every: list[Template]):
    for template, statement in _allowed(every):
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                name = permissions.named(resource)
                if "*" in str(resource):
                    assert action in OPEN.get(name, set()), (template.name, action, name)
                    assert action in permissions.REASONS, "say why AWS has no other"


def test_the_page_of_permissions_says_what_the_templates_say(deployed: list[Template]):
    written = permissions.PAGE.read_text(encoding="utf-8")
    assert written == permissions.page(deployed[0].file.parent), "run: python -m infra.permissions"


def test_a_role_of_a_region_reaches_nothing_of_another(every: list[Template]):
    for template, statement in _allowed(every):
        for resource in _list(statement["Resource"]):
            match = re.match(r"arn:aws:[a-z0-9-]+:([a-z0-9*-]*):", str(resource))
            if match and match[1] == "*":
                assert _is_a_model_behind_a_profile(statement, resource), template.name
            elif match:
                assert match[1] in {template.region, ""}, (template.name, resource)


def test_a_model_behind_a_profile_can_be_called_through_that_profile_only(every: list[Template]):
    seen = 0
    for template, statement in _allowed(every):
        if any(_is_a_model_behind_a_profile(statement, r) for r in _list(statement["Resource"])):
            profiles = _list(statement["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"])
            here = f"arn:aws:bedrock:{template.region}:111122223333:inference-profile/"
            assert all(profile.startswith(here) for profile in profiles), template.name
            geography = {"eu": ["eu-*"], "us": ["us-east-*", "us-west-*"]}
            asked = _list(statement["Condition"]["StringLike"]["aws:RequestedRegion"])
            assert asked == geography[template.region.partition("-")[0]], template.name
            seen += 1
    assert seen


def test_an_agent_may_call_its_own_models_and_no_others(grown: list[Template]):
    for template in grown:
        if "-agent-" not in template.name:
            continue
        expected = 1 + int(template.name.rpartition("-")[2]) % 2
        called = {
            resource
            for _, statement in _allowed([template])
            if "bedrock:InvokeModel" in _list(statement["Action"])
            for resource in _list(statement["Resource"])
            if "inference-profile" in resource
        }
        assert len(called) == expected, template.name


def test_those_publish_who_accept_do_or_sweep_and_nobody_else(grown: list[Template]):
    publishers = {
        template.name
        for template, statement in _allowed(grown)
        if "sns:Publish" in _list(statement["Action"])
    }
    kinds = ("-edge", "-upkeep", "-eu-central-1-budgets")
    expected = {t.name for t in grown if "-agent-" in t.name or t.name.endswith(kinds)}
    assert publishers == expected


def test_who_works_on_a_queue_sends_to_its_own_two_queues_only(every: list[Template]):
    seen = 0
    for template, statement in _allowed(every):
        if "sqs:SendMessage" in _list(statement["Action"]):
            for queue in _list(statement["Resource"]):
                assert queue["Fn::GetAtt"][0] in template.of_type("AWS::SQS::Queue"), template.name
            assert "-agent-" in template.name or template.name.endswith(("-budgets", "-webhooks"))
            seen += 1
    assert seen


def test_who_sends_results_reads_them_and_the_secrets_and_changes_nothing(every: list[Template]):
    senders = [template for template in every if template.name.endswith("-webhooks")]
    assert senders
    for template in senders:
        allowed = {
            action
            for policy in template.of_type("AWS::IAM::Policy").values()
            if "SenderRole" in str(policy["Roles"])
            for statement in policy["PolicyDocument"]["Statement"]
            for action in _list(statement["Action"])
        }
        shared = {a for a in allowed if not a.startswith(("kms:", "logs:", "sqs:", "xray:"))}
        assert shared == {"dynamodb:GetItem", "s3:GetObject", "secretsmanager:GetSecretValue"}


def test_nobody_else_reads_a_secret(every: list[Template]):
    readers = {
        template.name.removeprefix(f"gatehouse-{template.region}-")
        for template, statement in _allowed(every)
        if "secretsmanager" in str(statement)
    }
    assert readers == {"webhooks"}


def test_the_ledger_is_written_by_who_runs_read_by_who_bills_and_changed_by_nobody(
    every: list[Template],
):
    may: dict[str, set[str]] = {}
    for _, _, policy in each(every, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "Ledger" in map(permissions.named, _list(statement["Resource"])):
                (role,) = policy["Roles"]
                may.setdefault(permissions.named(role), set()).update(_list(statement["Action"]))
    assert may == {
        "AgentWorkerRole": {"dynamodb:PutItem"},
        "ExporterRole": {"dynamodb:Query"},
        "HttpRole": {"dynamodb:PutItem"},
        "ReconcilerFunctionRole": {"dynamodb:Query"},
        "UsageRole": {"dynamodb:Query"},
    }


def test_sums_of_closed_days_are_written_by_who_closes_days_alone(every: list[Template]):
    may: dict[str, set[str]] = {}
    for _, _, policy in each(every, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "Usage" in map(permissions.named, _list(statement["Resource"])):
                (role,) = policy["Roles"]
                may.setdefault(permissions.named(role), set()).update(_list(statement["Action"]))
    assert may == {
        "ExporterRole": {"dynamodb:BatchWriteItem", "dynamodb:Query"},
        "UsageRole": {"dynamodb:Query"},
    }


def test_roles_are_assumed_by_one_service_and_carry_no_foreign_policies(every: list[Template]):
    for template, id_, role in each(every, "AWS::IAM::Role"):
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = statement["Principal"]["Service"]
        assert service in ASSUMED_BY, template.name
        # API Gateway writes access logs under AWS's own policy; functions have ours alone.
        managed = "ManagedPolicyArns" in role
        assert managed == (service == "apigateway.amazonaws.com"), (template.name, id_)


def _is_a_model_behind_a_profile(statement: Resource, resource: object) -> bool:
    return (
        isinstance(resource, str)
        and resource.startswith("arn:aws:bedrock:*::foundation-model/")
        and "*" not in resource.removeprefix("arn:aws:bedrock:*::")
        and "bedrock:InferenceProfileArn" in str(statement.get("Condition"))
    )
