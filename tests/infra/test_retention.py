"""What is kept ends when its page says, is nobody else's to read, and travels over TLS only."""

import re
from typing import Any

import pytest

from infra.blueprint import ROOT
from infra.permissions import named
from tests.infra.templates import Resource, Template, each

PAGE = (ROOT / "docs" / "data-retention.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([\w ]+)` \| ([a-z ]+) \|.*\| ([^|]+) \| [^|]+ \|$", flags=re.MULTILINE)
DAY = 24 * 60 * 60
BUCKET = "AWS::S3::Bucket"


def _table(table: Resource) -> str:
    return "by `expiration`" if "TimeToLiveSpecification" in table else "never by itself"


def _bucket(bucket: Resource) -> str:
    rules = bucket["LifecycleConfiguration"]["Rules"]
    days = [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]
    return f"after {min(days)} days" if days else "never by itself"


def _queue(queue: Resource) -> str:
    return f"after {queue.get('MessageRetentionPeriod', 4 * DAY) // DAY} days"


ENDS = {
    "AWS::DynamoDB::Table": ("table", _table),
    BUCKET: ("bucket", _bucket),
    "AWS::SQS::Queue": ("queue", _queue),
    "AWS::Logs::LogGroup": ("log", lambda group: f"after {group['RetentionInDays']} days"),
    "AWS::SecretsManager::Secret": ("secret", lambda _: "with its team"),
    "AWS::KinesisFirehose::DeliveryStream": ("stream", lambda _: "when it is delivered"),
    "AWS::AppConfig::HostedConfigurationVersion": ("flags", lambda _: "never by itself"),
}
"""What each kind is called on the page, and how its template says when it ends."""


def _name(type_: str, id_: str) -> str:
    """As the template calls it; a team's secret is called after its team."""
    return "webhooks" if "Secret" in type_ else named({"Ref": id_})


def test_everything_that_keeps_data_is_on_the_page_with_its_end(deployed: list[Template]):
    kept = {
        (_name(type_, id_), kind, end(properties))
        for type_, (kind, end) in ENDS.items()
        for _, id_, properties in each(deployed, type_)
    }
    written = {(name, kind, end.strip()) for name, kind, end in ROW.findall(PAGE)}
    assert written == kept


def test_no_bucket_can_be_opened_to_the_public(every: list[Template]):
    for template, id_, bucket in each(every, BUCKET):
        blocked = bucket["PublicAccessBlockConfiguration"]
        assert set(blocked.values()) == {True}, (template.name, id_)
        assert len(blocked) == 4, (template.name, id_)


def test_no_upload_stays_unfinished_for_more_than_a_day(every: list[Template]):
    for template, id_, bucket in each(every, BUCKET):
        rules = bucket["LifecycleConfiguration"]["Rules"]
        days = [rule.get("AbortIncompleteMultipartUpload") for rule in rules]
        assert {"DaysAfterInitiation": 1} in days, (template.name, id_)


def test_what_must_last_is_versioned_and_earlier_versions_end(every: list[Template]):
    """What ends by a rule within days is not: an earlier version would outlive it."""
    for template, id_, bucket in each(every, BUCKET):
        rules = bucket["LifecycleConfiguration"]["Rules"]
        versioned = bucket.get("VersioningConfiguration", {}).get("Status") == "Enabled"
        assert versioned == (named({"Ref": id_}) != "Outcomes"), (template.name, id_)
        if versioned:
            assert [r for r in rules if "NoncurrentVersionExpiration" in r], (template.name, id_)


@pytest.mark.parametrize(
    ("type_", "policy_type", "attached"),
    [
        (BUCKET, "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
    ],
)
def test_nothing_is_reached_without_tls(
    every: list[Template], type_: str, policy_type: str, attached: str
):
    for template, id_, _ in each(every, type_):
        refused = [
            statement["Condition"]
            for policy in template.of_type(policy_type).values()
            if {"Ref": id_} in _list(policy[attached])
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny" and "Condition" in statement
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in refused, (template.name, id_)
        if type_ == BUCKET:
            assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in refused, (template.name, id_)


def test_what_keeps_data_outlives_its_stack(every: list[Template]):
    """A log group too: whoever deletes a stack by mistake wants to know what it did last."""
    for type_ in ("AWS::DynamoDB::Table", BUCKET, "AWS::Logs::LogGroup", "AWS::KMS::Key"):
        for template, id_, _ in each(every, type_):
            resource = template.resources[id_]
            kept = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            assert kept == ("Retain", "Retain"), (template.name, id_)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
