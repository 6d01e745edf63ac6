"""The audit trail as it is deployed: nobody reads, changes or shortens it in passing."""

from typing import Any

import pytest

from tests.infra.templates import Resource, Template, each

STREAM = "AWS::KinesisFirehose::DeliveryStream"


def audits(found: list[Template]) -> list[Template]:
    chosen = [template for template in found if template.name.endswith("-audit")]
    assert chosen
    return chosen


def one(template: Template, type_: str) -> Resource:
    (found,) = template.of_type(type_).values()
    return found


def statements(template: Template) -> list[Resource]:
    return [
        statement
        for policy in template.of_type("AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture
def locked(switched_on: list[Template]) -> Template:
    (found,) = (t for t in audits(switched_on) if t.region == "eu-central-1")
    return found


def test_every_region_has_a_trail_that_outlives_its_stack(every: list[Template]):
    assert {t.region for t in audits(every)} == {t.region for t in every}
    for template in audits(every):
        (bucket,) = (r for r in template.resources.values() if r["Type"] == "AWS::S3::Bucket")
        assert bucket["DeletionPolicy"] == "Retain"
        (rule,) = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        assert rule["ExpirationInDays"] == 400
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_lines_are_encrypted_with_the_region_s_own_key_on_the_way_and_in_the_bucket(
    every: list[Template],
):
    for template in audits(every):
        (key,) = one(template, "AWS::S3::Bucket")["BucketEncryption"][
            "ServerSideEncryptionConfiguration"
        ]
        named = key["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        stream = one(template, STREAM)["DeliveryStreamEncryptionConfigurationInput"]
        assert "KeysData" in str(named)
        assert stream == {"KeyARN": named, "KeyType": "CUSTOMER_MANAGED_CMK"}


def test_a_function_adds_to_the_trail_and_can_do_nothing_else_with_it(every: list[Template]):
    adding = set()
    for template in every:
        if template.name.endswith("-audit"):
            continue
        for statement in statements(template):
            for resource in listed(statement["Resource"]):
                if "Trail" in str(resource):
                    adding.add((*listed(statement["Action"]), "/deferred/*" in str(resource)))
    assert adding == {("firehose:PutRecordBatch", False), ("s3:PutObject", True)}


def test_who_does_runs_can_write_their_lines(every: list[Template]):
    doing = {t.name for t in every if "-agent-" in t.name or t.name.endswith("-edge")}
    adding = {
        template.name
        for template in every
        for statement in statements(template)
        if "firehose:PutRecordBatch" in listed(statement["Action"])
    }
    assert adding == doing


def test_nothing_deletes_a_line_but_its_age(every: list[Template]):
    for template in every:
        for statement in statements(template):
            actions = [a for a in listed(statement["Action"]) if a.startswith("s3:")]
            assert not [a for a in actions if "Delete" in a or "Bypass" in a], template.name


def test_a_lock_in_compliance_mode_holds_as_long_as_the_line_is_kept(locked: Template):
    bucket = one(locked, "AWS::S3::Bucket")
    assert bucket["ObjectLockEnabled"] is True
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "COMPLIANCE", "Days": 3650}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 3650


def test_splunk_gets_every_line_and_the_bucket_does_too(locked: Template):
    splunk = one(locked, STREAM)["SplunkDestinationConfiguration"]
    assert splunk["S3BackupMode"] == "AllEvents"
    assert splunk["HECEndpoint"] == "https://hec.example.com:8088"
    assert (splunk["HECEndpointType"], splunk["HECAcknowledgmentTimeoutInSeconds"]) == ("Raw", 300)
    assert splunk["S3Configuration"]["Prefix"] == "lines/"
    assert "HECToken" not in splunk
    secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:splunk/audit-a1B2c3"
    assert splunk["SecretsManagerConfiguration"]["SecretARN"] == secret
    (reading,) = (s for s in statements(locked) if "secretsmanager" in str(s["Action"]))
    assert (reading["Action"], reading["Resource"]) == ("secretsmanager:GetSecretValue", secret)


def test_a_trail_with_splunk_is_watched_on_both_ways(switched_on: list[Template]):
    watched = {
        alarm["MetricName"]
        for template, _, alarm in each(switched_on, "AWS::CloudWatch::Alarm")
        if template.name == "gatehouse-eu-central-1-audit"
    }
    assert watched == {
        "AuditLost",
        "AuditDeferred",
        "BackupToS3.DataFreshness",
        "DeliveryToSplunk.DataFreshness",
    }
