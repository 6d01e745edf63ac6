"""What finance relies on: files that nobody else reads or loses, and days that are closed."""

from functions.domain.agent import GATEWAY_SECONDS
from tests.infra.templates import Template, each

BUCKET = "AWS::S3::Bucket"


def _stacks(every: list[Template]) -> list[Template]:
    found = [template for template in every if template.name.endswith("-chargeback")]
    assert found
    return found


def test_files_are_encrypted_with_our_key_closed_to_the_public_and_kept(every: list[Template]):
    for template in _stacks(every):
        for id_, bucket in template.of_type(BUCKET).items():
            (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
            assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
            assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
            resource = template.resources[id_]
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain",) * 2


def test_a_file_never_ends_by_itself_and_an_earlier_version_does(every: list[Template]):
    for template in _stacks(every):
        for bucket in template.of_type(BUCKET).values():
            (rule,) = bucket["LifecycleConfiguration"]["Rules"]
            assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
            assert not rule.keys() & {"ExpirationDate", "ExpirationInDays"}


def test_files_travel_encrypted_or_not_at_all(every: list[Template]):
    for template in _stacks(every):
        (policy,) = template.of_type("AWS::S3::BucketPolicy").values()
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied)


def test_days_are_closed_every_hour_and_long_before_the_next_one(every: list[Template]):
    for template in _stacks(every):
        (rule,) = template.of_type("AWS::Events::Rule").values()
        (function,) = template.of_type("AWS::Lambda::Function").values()
        assert rule["ScheduleExpression"] == "rate(1 hour)"
        assert function["Timeout"] == 15 * 60


def test_usage_is_told_by_a_function_that_is_as_patient_as_the_gateway(every: list[Template]):
    for template, id_, function in each(every, "AWS::Lambda::Function"):
        if ".usage." in function["Handler"]:
            assert function["Timeout"] == GATEWAY_SECONDS, (template.name, id_)
            path = {"Ref": next(iter(_resources(template, "usage")))}
            (method,) = (
                m
                for m in template.of_type("AWS::ApiGateway::Method").values()
                if (m["ResourceId"], m["HttpMethod"]) == (path, "GET")
            )
            assert "Usage" in str(method["Integration"]["Uri"])


def _resources(template: Template, part: str) -> list[str]:
    resources = template.of_type("AWS::ApiGateway::Resource").items()
    return [id_ for id_, resource in resources if resource["PathPart"] == part]
