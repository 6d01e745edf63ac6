"""What is kept is encrypted with the region's own keys, and nobody holds a key freely."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.templates import Resource, Template, each

DATA, SERVICES = "Data", "Services"
ENCRYPTED = {
    "AWS::DynamoDB::Table": (DATA, lambda r: r["SSESpecification"]["KMSMasterKeyId"]),
    "AWS::S3::Bucket": (
        DATA,
        lambda r: r["BucketEncryption"]["ServerSideEncryptionConfiguration"][0][
            "ServerSideEncryptionByDefault"
        ]["KMSMasterKeyID"],
    ),
    "AWS::SecretsManager::Secret": (DATA, lambda r: r["KmsKeyId"]),
    "AWS::SNS::Topic": (SERVICES, lambda r: r["KmsMasterKeyId"]),
    "AWS::SQS::Queue": (SERVICES, lambda r: r["KmsMasterKeyId"]),
    "AWS::Logs::LogGroup": (SERVICES, lambda r: r["KmsKeyId"]),
    "AWS::Lambda::Function": (SERVICES, lambda r: r["KmsKeyArn"]),
}
"""Whose key each kind takes, and where its template says so."""
USE = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def key_of(template: Template, reference: Any) -> str:
    """Which of the two keys is meant; it must be this region's, by its stack's export."""
    text = str(reference)
    stack = f"gatehouse-{template.region}-keys:"
    assert stack in text, (template.name, reference)
    (kind,) = (kind for kind in (DATA, SERVICES) if f"Keys{kind}" in text)
    return kind


def statements(template: Template) -> Iterator[tuple[str, Resource]]:
    for id_, key in template.of_type("AWS::KMS::Key").items():
        for statement in key["KeyPolicy"]["Statement"]:
            yield id_, statement


def key_stacks(every: list[Template]) -> list[Template]:
    found = [template for template in every if template.name.endswith("-keys")]
    assert {template.region for template in found} == {template.region for template in every}
    return found


def conditions(statement: Resource) -> dict[str, Any]:
    """By their keys, whatever compares them."""
    found = statement.get("Condition", {}).values()
    return {name: value for by_operator in found for name, value in by_operator.items()}


@pytest.mark.parametrize("type_", ENCRYPTED)
def test_whatever_holds_data_is_encrypted_with_the_key_of_its_kind(
    every: list[Template], type_: str
):
    kind, read = ENCRYPTED[type_]
    for template, id_, properties in each(every, type_):
        assert key_of(template, read(properties)) == kind, (template.name, id_)


def test_two_keys_a_region_turn_every_year_and_are_never_deleted_with_their_stack(
    every: list[Template],
):
    for template in key_stacks(every):
        found = template.of_type("AWS::KMS::Key")
        assert len(found) == 2, template.name
        for id_, key in found.items():
            assert (key["EnableKeyRotation"], key["RotationPeriodInDays"]) == (True, 365), id_
            assert key["PendingWindowInDays"] == 30, id_
            resource = template.resources[id_]
            kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            assert kept == ("Retain", "Retain"), (template.name, id_)


def test_no_template_makes_a_key_elsewhere(every: list[Template]):
    makers = {t.name for t in every if t.of_type("AWS::KMS::Key")}
    assert makers == {template.name for template in key_stacks(every)}


def test_a_key_policy_names_every_action_and_lets_nobody_use_the_key_directly(
    every: list[Template],
):
    for template in key_stacks(every):
        for id_, statement in statements(template):
            actions = set(as_list(statement["Action"]))
            assert statement["Effect"] == "Allow", id_
            assert "kms:*" not in actions, (template.name, id_)
            if "AWS" in statement["Principal"]:
                account = "arn:aws:iam::111122223333:root"
                assert statement["Principal"] == {"AWS": account}, (template.name, id_)
                if actions & USE:
                    through = conditions(statement)
                    assert through["kms:CallerAccount"] == "111122223333"
                    for service in as_list(through["kms:ViaService"]):
                        assert service.endswith(f".{template.region}.amazonaws.com"), id_


def test_grants_are_for_aws_services_alone(every: list[Template]):
    for template in key_stacks(every):
        for id_, statement in statements(template):
            if "kms:CreateGrant" in as_list(statement["Action"]):
                assert conditions(statement)["kms:GrantIsForAWSResource"] == "true", id_


def test_the_key_of_what_is_kept_admits_no_service(every: list[Template]):
    for template in key_stacks(every):
        for id_, statement in statements(template):
            if DATA in id_:
                assert "Service" not in statement["Principal"], (template.name, id_)


def test_a_service_is_let_in_for_resources_of_this_account_and_region_only(
    every: list[Template],
):
    for template in key_stacks(every):
        here = f":{template.region}:111122223333:"
        services = set()
        for id_, statement in statements(template):
            if "Service" not in statement["Principal"]:
                continue
            services.add(statement["Principal"]["Service"])
            bound = conditions(statement)
            if "kms:EncryptionContext:aws:logs:arn" in bound:
                groups = as_list(bound["kms:EncryptionContext:aws:logs:arn"])
                assert all(here in g and f"gatehouse-{template.region}-" in g for g in groups)
            else:
                # AWS keeps budgets for the account and outside of any region.
                source = bound["aws:SourceArn"]
                is_budget = ":budgets::111122223333:" in source
                assert here in source or is_budget, (template.name, id_)
                assert bound["aws:SourceAccount"] == "111122223333", (template.name, id_)
        assert services == {
            "budgets.amazonaws.com",
            "cloudwatch.amazonaws.com",
            f"logs.{template.region}.amazonaws.com",
            "sns.amazonaws.com",
        }


def test_every_log_group_has_a_name_that_the_key_is_open_to(every: list[Template]):
    """CloudFormation names a group after its stack unless the template does."""
    for template, id_, group in each(every, "AWS::Logs::LogGroup"):
        prefix = f"gatehouse-{template.region}-"
        assert template.name.startswith(prefix), template.name
        if "LogGroupName" in group:
            assert f"aws-waf-logs-{prefix}" in str(group["LogGroupName"]), (template.name, id_)


def test_roles_use_a_key_only_through_a_service_that_they_may_ask_themselves(
    every: list[Template],
):
    seen = 0
    for template, id_, policy in each(every, "AWS::IAM::Policy"):
        document = policy["PolicyDocument"]["Statement"]
        asked = {action.partition(":")[0] for s in document for action in as_list(s["Action"])}
        for statement in document:
            actions = set(as_list(statement["Action"]))
            if not any(action.startswith("kms:") for action in actions):
                continue
            assert actions <= {"kms:Decrypt", "kms:GenerateDataKey"}, (template.name, id_)
            for resource in as_list(statement["Resource"]):
                key_of(template, resource)
            for service in as_list(conditions(statement)["kms:ViaService"]):
                name, region = service.removesuffix(".amazonaws.com").split(".")
                assert region == template.region, (template.name, id_)
                assert name in asked, f"{template.name}/{id_} never asks {name}"
            seen += 1
    assert seen


NEEDS = {
    "dynamodb:GetItem": ("dynamodb", "kms:Decrypt"),
    "dynamodb:PutItem": ("dynamodb", "kms:Decrypt"),
    "dynamodb:Query": ("dynamodb", "kms:Decrypt"),
    "dynamodb:Scan": ("dynamodb", "kms:Decrypt"),
    "dynamodb:UpdateItem": ("dynamodb", "kms:Decrypt"),
    "s3:GetObject": ("s3", "kms:Decrypt"),
    "s3:PutObject": ("s3", "kms:GenerateDataKey"),
    "secretsmanager:GetSecretValue": ("secretsmanager", "kms:Decrypt"),
    "sns:Publish": ("sns", "kms:GenerateDataKey"),
    "sqs:ReceiveMessage": ("sqs", "kms:Decrypt"),
    "sqs:SendMessage": ("sqs", "kms:GenerateDataKey"),
}


def test_whoever_may_reach_what_is_encrypted_may_use_its_key_for_it(every: list[Template]):
    seen = set()
    for template, id_, policy in each(every, "AWS::IAM::Policy"):
        document = policy["PolicyDocument"]["Statement"]
        usable = {
            (service.partition(".")[0], action)
            for statement in document
            for action in as_list(statement["Action"])
            if action.startswith("kms:")
            for service in as_list(conditions(statement)["kms:ViaService"])
        }
        for statement in document:
            for action in as_list(statement["Action"]):
                if action in NEEDS:
                    assert NEEDS[action] in usable, (template.name, id_, action)
                    seen.add(action)
    assert {"dynamodb:PutItem", "s3:PutObject", "sns:Publish", "sqs:ReceiveMessage"} <= seen


def test_asking_kms_is_spared_where_aws_lets_it_be(every: list[Template]):
    for template, id_, bucket in each(every, "AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["BucketKeyEnabled"] is True, (template.name, id_)
    for template, id_, queue in each(every, "AWS::SQS::Queue"):
        assert queue["KmsDataKeyReusePeriodSeconds"] >= 300, (template.name, id_)


def test_the_keys_stack_needs_no_other_and_exports_both_keys(every: list[Template]):
    for template in key_stacks(every):
        assert "Fn::ImportValue" not in template.text, template.name
        assert template.text.count('"Export"') == 2, template.name
