"""Creates on moto what functions find on AWS: tables, topics, queues, subscriptions and the like.

A property of a provisioned type that is neither passed on nor known to make no difference is an
error: what is not simulated is never silently dropped.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.aws import Aws
from local.resources import Resource
from local.template import JsonObject, TemplateError


@dataclass(frozen=True, slots=True)
class Target:
    """Where resources are created, and the one setting that departs from the template."""

    aws: Aws
    redelivery_seconds: int | None = None
    """Deviation from AWS, for development and tests only: the longest visibility timeout of a
    queue. The template's is six times the consumer's timeout, so a message whose worker died
    would come back after minutes. Keep it above the consumer's timeout, or a run may be
    redelivered while its first attempt still holds its idempotency key."""


Provision = Callable[[Target, Resource], None]


def select(resource: Resource, passed: Iterable[str], indifferent: Iterable[str]) -> JsonObject:
    """The properties to pass on, once every other is known to make no difference here."""
    passed = set(passed)
    unknown = resource.properties.keys() - passed - set(indifferent)
    if unknown:
        msg = (
            f"{resource.where}: the local runner does not know the property "
            f"{', '.join(sorted(unknown))}; pass it on or list it as indifferent in "
            "local/provision.py"
        )
        raise TemplateError(msg)
    return {name: value for name, value in resource.properties.items() if name in passed}


def table(target: Target, resource: Resource) -> None:
    properties = select(
        resource,
        (
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "LocalSecondaryIndexes",
            "ProvisionedThroughput",
            "StreamSpecification",
            "TimeToLiveSpecification",
        ),
        # Backups, encryption at rest, limits and tags show in no answer of the table.
        (
            "ContributorInsightsSpecification",
            "DeletionProtectionEnabled",
            "OnDemandThroughput",
            "PointInTimeRecoverySpecification",
            "SSESpecification",
            "TableClass",
            "TableName",
            "Tags",
        ),
    )
    expiry = properties.pop("TimeToLiveSpecification", None)
    client = target.aws.client("dynamodb")
    client.create_table(TableName=resource.name, **properties)
    if expiry:
        # moto records the setting and deletes nothing; AWS deletes within days of the expiry, so
        # no function may rely on it either way.
        client.update_time_to_live(TableName=resource.name, TimeToLiveSpecification=expiry)


def topic(target: Target, resource: Resource) -> None:
    attributes = select(
        resource,
        ("ContentBasedDeduplication", "DisplayName", "FifoTopic", "SignatureVersion"),
        ("KmsMasterKeyId", "Tags", "TopicName", "TracingConfig"),
    )
    client = target.aws.client("sns")
    client.create_topic(Name=resource.name, Attributes=_texts(attributes))


def queue(target: Target, resource: Resource) -> None:
    attributes = select(
        resource,
        (
            "ContentBasedDeduplication",
            "DelaySeconds",
            "FifoQueue",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "ReceiveMessageWaitTimeSeconds",
            "RedriveAllowPolicy",
            "RedrivePolicy",
            "Tags",
            "VisibilityTimeout",
        ),
        (
            "KmsDataKeyReusePeriodSeconds",
            "KmsMasterKeyId",
            "QueueName",
            "SqsManagedSseEnabled",
        ),
    )
    if target.redelivery_seconds is not None:
        given = int(attributes.get("VisibilityTimeout", 30))
        attributes["VisibilityTimeout"] = min(given, target.redelivery_seconds)
    tags = {tag["Key"]: tag["Value"] for tag in attributes.pop("Tags", ())}
    client = target.aws.client("sqs")
    created = client.create_queue(QueueName=resource.name, Attributes=_texts(attributes), tags=tags)
    if created["QueueUrl"] != resource.ref:
        msg = f"{resource.where}: expected the URL {resource.ref}, got {created['QueueUrl']}"
        raise TemplateError(msg)


SILENT_PROTOCOLS = frozenset({"email", "email-json", "sms"})


def subscription(target: Target, resource: Resource) -> None:
    attributes = select(
        resource,
        ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"),
        ("Endpoint", "Protocol", "Region", "TopicArn"),
    )
    protocol = resource.properties["Protocol"]
    if protocol in SILENT_PROTOCOLS:
        return  # Deviation from AWS: nobody is mailed or texted from a developer's machine.
    if protocol != "sqs":
        msg = f"{resource.where}: the local runner delivers to SQS, not to {protocol!r}"
        raise TemplateError(msg)
    target.aws.client("sns").subscribe(
        TopicArn=resource.properties["TopicArn"],
        Protocol=protocol,
        Endpoint=resource.properties["Endpoint"],
        Attributes=_texts(attributes),
    )


def bucket(target: Target, resource: Resource) -> None:
    properties = select(
        resource,
        ("ObjectLockConfiguration", "ObjectLockEnabled", "VersioningConfiguration"),
        (
            "BucketEncryption",
            "BucketName",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
        ),
    )
    client = target.aws.client("s3")
    client.create_bucket(
        Bucket=resource.name,
        CreateBucketConfiguration={"LocationConstraint": target.aws.region},
        ObjectLockEnabledForBucket=bool(properties.pop("ObjectLockEnabled", False)),
    )
    lock = properties.pop("ObjectLockConfiguration", None)
    if properties:
        client.put_bucket_versioning(Bucket=resource.name, **properties)
    if lock:
        client.put_object_lock_configuration(Bucket=resource.name, ObjectLockConfiguration=lock)


def delivery_stream(target: Target, resource: Resource) -> None:
    """Deviation from AWS: lines are in the bucket at once and as they are, not compressed."""
    properties = select(
        resource,
        ("ExtendedS3DestinationConfiguration", "SplunkDestinationConfiguration"),
        (
            "DeliveryStreamEncryptionConfigurationInput",
            "DeliveryStreamName",
            "DeliveryStreamType",
            "Tags",
        ),
    )
    (destination,) = properties.values()
    # Splunk's lines are all in the bucket too. No developer's machine sends any to a real Splunk.
    bucket = destination.get("S3Configuration", destination)
    target.aws.client("firehose").create_delivery_stream(
        DeliveryStreamName=resource.name,
        S3DestinationConfiguration={
            name: bucket[name] for name in ("BucketARN", "Prefix", "RoleARN")
        },
    )


def parameter(target: Target, resource: Resource) -> None:
    properties = select(
        resource,
        ("Type", "Value"),
        ("AllowedPattern", "Description", "Name", "Policies", "Tags", "Tier"),
    )
    target.aws.client("ssm").put_parameter(Name=resource.name, **properties)


def secret(target: Target, resource: Resource) -> None:
    properties = select(
        resource,
        ("Description", "GenerateSecretString"),
        ("KmsKeyId", "Name", "Tags"),
    )
    drawn = properties.pop("GenerateSecretString", None)
    if drawn is None or drawn.keys() & {"GenerateStringKey", "SecretStringTemplate"}:
        msg = f"{resource.where}: the local runner draws secrets that are one text, and no others"
        raise TemplateError(msg)
    client = target.aws.client("secretsmanager")
    text = client.get_random_password(**drawn)["RandomPassword"]
    client.create_secret(Name=resource.name, SecretString=text, **properties)


def log_group(target: Target, resource: Resource) -> None:
    select(
        resource,
        (),
        (
            "DataProtectionPolicy",
            "KmsKeyId",
            "LogGroupClass",
            "LogGroupName",
            "RetentionInDays",
            "Tags",
        ),
    )
    # Deviation from AWS: the group exists, but what functions print goes to files.
    target.aws.client("logs").create_log_group(logGroupName=resource.name)


PROVISIONED: Mapping[str, Provision] = {
    "AWS::S3::Bucket": bucket,
    "AWS::KinesisFirehose::DeliveryStream": delivery_stream,
    "AWS::SSM::Parameter": parameter,
    "AWS::SecretsManager::Secret": secret,
    "AWS::Logs::LogGroup": log_group,
    "AWS::DynamoDB::Table": table,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
    "AWS::SNS::Subscription": subscription,
}
"""By type, in the order in which they are created."""


def provision(resources: Iterable[Resource], target: Target) -> int:
    """Create what is to be created, dead-letter queues before the queues that point at them.

    Raises:
        TemplateError: a resource has a property of unknown effect.
    """
    wanted = [resource for resource in resources if resource.type in PROVISIONED]
    ranks = {type_: rank for rank, type_ in enumerate(PROVISIONED)}
    for resource in sorted(wanted, key=lambda r: (ranks[r.type], "RedrivePolicy" in r.properties)):
        PROVISIONED[resource.type](target, resource)
    return len(wanted)


def _texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as the APIs of SNS and SQS want them: text, and JSON in text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in attributes.items()
    }
