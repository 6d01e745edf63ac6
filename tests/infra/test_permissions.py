"""Least privilege, read off the templates: who may do what to what."""

from collections.abc import Iterator
from typing import Any

from tests.infra.templates import Resource, Template, each

OPEN_RESOURCES = {
    # X-Ray has no resources to name.
    ("xray:PutTelemetryRecords", "*"),
    ("xray:PutTraceSegments", "*"),
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
                if resource == "*":
                    assert (action, resource) in OPEN_RESOURCES, template.name
                elif "*" in str(resource):
                    known = (
                        _is_a_model_behind_a_profile(statement, resource),
                        _is_an_outcome(action, resource),
                        _is_a_webhook_secret(template, action, resource),
                    )
                    assert any(known), template.name


def test_a_model_behind_a_profile_can_be_called_through_that_profile_only(every: list[Template]):
    seen = 0
    for template, statement in _allowed(every):
        if any(_is_a_model_behind_a_profile(statement, r) for r in _list(statement["Resource"])):
            profiles = _list(statement["Condition"]["StringEquals"]["bedrock:InferenceProfileArn"])
            here = f"arn:aws:bedrock:{template.region}:111122223333:inference-profile/"
            assert all(profile.startswith(here) for profile in profiles), template.name
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
    kinds = ("-edge", "-upkeep")
    expected = {t.name for t in grown if "-agent-" in t.name or t.name.endswith(kinds)}
    assert publishers == expected


def test_who_works_on_a_queue_sends_to_its_own_two_queues_only(every: list[Template]):
    seen = 0
    for template, statement in _allowed(every):
        if "sqs:SendMessage" in _list(statement["Action"]):
            for queue in _list(statement["Resource"]):
                assert queue["Fn::GetAtt"][0] in template.of_type("AWS::SQS::Queue"), template.name
            assert "-agent-" in template.name or template.name.endswith("-webhooks")
            seen += 1
    assert seen


def test_who_sends_results_reads_them_and_the_secrets_and_changes_nothing(every: list[Template]):
    senders = [template for template in every if template.name.endswith("-webhooks")]
    assert senders
    for template in senders:
        allowed = {a for _, s in _allowed([template]) for a in _list(s["Action"])}
        shared = {a for a in allowed if not a.startswith(("logs:", "sqs:", "xray:"))}
        assert shared == {"dynamodb:GetItem", "s3:GetObject", "secretsmanager:GetSecretValue"}


def test_nobody_else_reads_a_secret(every: list[Template]):
    readers = {
        template.name.removeprefix(f"gatehouse-{template.region}-")
        for template, statement in _allowed(every)
        if "secretsmanager" in str(statement)
    }
    assert readers == {"webhooks"}


def test_the_ledger_can_be_written_and_never_read_or_changed(every: list[Template]):
    seen = 0
    for template, statement in _allowed(every):
        if "Ledger" in str(statement["Resource"]):
            assert _list(statement["Action"]) == ["dynamodb:PutItem"], template.name
            seen += 1
    assert seen


def test_roles_are_assumed_by_one_service_and_carry_no_foreign_policies(every: list[Template]):
    for template, id_, role in each(every, "AWS::IAM::Role"):
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = statement["Principal"]["Service"]
        assert service in {"lambda.amazonaws.com", "apigateway.amazonaws.com"}, template.name
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


def _is_an_outcome(action: str, resource: Any) -> bool:
    """An object of the outcomes' bucket: its name is a hash, so the bucket is what can be named."""
    return action in {"s3:GetObject", "s3:PutObject"} and "Outcomes" in str(resource)


def _is_a_webhook_secret(template: Template, action: str, resource: Any) -> bool:
    """Of some teams: there may be too many to name, and AWS ends each name at random."""
    place = f"arn:aws:secretsmanager:{template.region}:111122223333:secret:gatehouse/webhooks/*"
    return action == "secretsmanager:GetSecretValue" and resource == place
