"""What a resource is called once it exists: the values behind ``Ref`` and ``Fn::GetAtt``.

Everything is computed from the template, before anything is created. AWS draws a random suffix for
a name that the template leaves open; here the suffix is a digest, so that a restart finds the same
names and nothing has to wait for something else to exist.
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack lives, and the endpoint that plays AWS there."""

    account: str
    region: str
    endpoint: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class Shape:
    """How the values of one resource type are written.

    Braces hold ``{name}``, ``{id}``, ``{uuid}``, a field of :class:`Place`, ``{function_arn}``, or
    any property of the resource itself.
    """

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    named_by: str | None = None
    """The property that gives the name."""
    longest: int = 64


_RULE = "arn:{partition}:events:{region}:{account}:rule/{name}"
_LAMBDA = "arn:{partition}:lambda:{region}:{account}"
_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/{name}"
_SQS = "arn:{partition}:sqs:{region}:{account}:{name}"
_SNS = "arn:{partition}:sns:{region}:{account}:{name}"
_KMS = "arn:{partition}:kms:{region}:{account}:key/{uuid}"
_LOGS = "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"
_PROFILE = "arn:{partition}:bedrock:{region}:{account}:application-inference-profile/{id}"
_S3 = "arn:{partition}:s3:::{name}"
_IAM = "arn:{partition}:iam::{account}:role/{name}"

SHAPES: Mapping[str, Shape] = {
    "AWS::ApiGateway::Account": Shape("{id}", {"Id": "{id}"}),
    "AWS::ApiGateway::ApiKey": Shape("{id}", {"APIKeyId": "{id}"}),
    "AWS::ApiGateway::Authorizer": Shape("{id}", {"AuthorizerId": "{id}"}),
    "AWS::ApiGateway::Deployment": Shape("{id}", {"DeploymentId": "{id}"}),
    "AWS::ApiGateway::Method": Shape("{id}"),
    "AWS::ApiGateway::Model": Shape("{name}", named_by="Name"),
    "AWS::ApiGateway::RequestValidator": Shape("{id}", {"RequestValidatorId": "{id}"}),
    "AWS::ApiGateway::Resource": Shape("{id}", {"ResourceId": "{id}"}),
    "AWS::ApiGateway::RestApi": Shape("{id}", {"RestApiId": "{id}", "RootResourceId": "{id}-root"}),
    "AWS::ApiGateway::Stage": Shape("{StageName}"),
    "AWS::ApiGateway::UsagePlan": Shape("{id}", {"Id": "{id}"}),
    "AWS::AppConfig::Application": Shape("{id}"),
    "AWS::AppConfig::ConfigurationProfile": Shape("{id}"),
    "AWS::AppConfig::DeploymentStrategy": Shape("{id}"),
    "AWS::AppConfig::Environment": Shape("{id}"),
    "AWS::AppConfig::HostedConfigurationVersion": Shape("{id}"),
    "AWS::Bedrock::ApplicationInferenceProfile": Shape(
        _PROFILE, {"InferenceProfileArn": _PROFILE, "InferenceProfileId": "{id}"}
    ),
    "AWS::CloudWatch::Alarm": Shape(
        "{name}",
        {"Arn": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"},
        "AlarmName",
        255,
    ),
    "AWS::DynamoDB::Table": Shape("{name}", {"Arn": _TABLE}, "TableName", 255),
    "AWS::Events::Rule": Shape("{name}", {"Arn": _RULE}, "Name"),
    "AWS::IAM::Role": Shape("{name}", {"Arn": _IAM, "RoleId": "{id}"}, "RoleName"),
    "AWS::KMS::Alias": Shape("{AliasName}"),
    "AWS::KMS::Key": Shape("{uuid}", {"Arn": _KMS, "KeyId": "{uuid}"}),
    "AWS::Lambda::Alias": Shape("{function_arn}:{Name}", {"AliasArn": "{function_arn}:{Name}"}),
    "AWS::Lambda::EventSourceMapping": Shape("{uuid}", {"Id": "{uuid}"}),
    "AWS::Lambda::Function": Shape("{name}", {"Arn": _LAMBDA + ":function:{name}"}, "FunctionName"),
    "AWS::Lambda::LayerVersion": Shape(
        _LAMBDA + ":layer:{name}:1", {"LayerVersionArn": _LAMBDA + ":layer:{name}:1"}, "LayerName"
    ),
    # A version is a snapshot on AWS; here every version is the bundle as it lies on disk.
    "AWS::Lambda::Version": Shape(
        "{function_arn}:1", {"Version": "1", "FunctionArn": "{function_arn}:1"}
    ),
    "AWS::KinesisFirehose::DeliveryStream": Shape(
        "{name}",
        {"Arn": "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"},
        "DeliveryStreamName",
    ),
    "AWS::Logs::LogStream": Shape("{LogStreamName}"),
    "AWS::Logs::LogGroup": Shape("{name}", {"Arn": _LOGS}, "LogGroupName", 512),
    "AWS::S3::Bucket": Shape("{name}", {"Arn": _S3}, "BucketName", 63),
    "AWS::SNS::Topic": Shape(_SNS, {"TopicArn": _SNS, "TopicName": "{name}"}, "TopicName", 256),
    "AWS::SQS::Queue": Shape(
        "{endpoint}/{account}/{name}",
        {"Arn": _SQS, "QueueName": "{name}", "QueueUrl": "{endpoint}/{account}/{name}"},
        "QueueName",
        80,
    ),
    "AWS::SecretsManager::Secret": Shape(
        # AWS and moto append six characters of their own; without them it is found as well.
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
        named_by="Name",
        longest=512,
    ),
    "AWS::SSM::Parameter": Shape("{name}", {"Type": "{Type}", "Value": "{Value}"}, "Name", 1011),
}


def digest(*words: str, length: int = 10) -> str:
    """A short name for some words, the same in every run."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:length]


def generated_name(stack: str, logical_id: str, type_: str, longest: int) -> str:
    """The name of a resource that the template leaves unnamed."""
    suffix = digest(stack, logical_id, length=8)
    name = f"{stack}-{logical_id}"[: longest - len(suffix) - 1]
    # Buckets are the one kind whose names must be lower case.
    return f"{name}-{suffix}".lower() if type_ == "AWS::S3::Bucket" else f"{name}-{suffix}"


class Fields(dict[str, str]):
    """What the braces of a shape may hold; a field nobody knows is read from the properties."""

    def __init__(self, known: Mapping[str, str], read: Callable[[str], str]) -> None:
        super().__init__(known)
        self._read = read

    def __missing__(self, name: str) -> str:
        return self._read(name)


def function_arn(place: Place, function: str) -> str:
    """The ARN of a function that is named by its name or by an ARN, without a qualifier."""
    name = function.split(":")[6] if function.startswith("arn:") else function
    return f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{name}"


def identifiers(stack: str, logical_id: str) -> dict[str, str]:
    """The values that AWS would draw at random."""
    return {
        "id": digest(stack, logical_id),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{stack}/{logical_id}")),
    }
