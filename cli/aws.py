"""Services of an AWS region, with the caller's own credentials, and what to do when they refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cli.calls import CannotCall

ATTEMPTS = 6
"""Of one call, with growing pauses: enough to ride out a throttle of some seconds."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
NO_LONGER_VALID = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
THROTTLED = frozenset({"OverLimit", "RequestThrottled", "Throttling", "ThrottlingException"})
NAMES = {
    "acm": "Certificate Manager",
    "bedrock": "Bedrock",
    "ce": "Cost Explorer",
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDB",
    "ec2": "EC2",
    "firehose": "Firehose",
    "iam": "IAM",
    "logs": "CloudWatch Logs",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "service-quotas": "Service Quotas",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "sts": "STS",
}


class AwsFailed(CannotCall):
    """A service cannot be reached or used; the message says what to do."""


def client(service: str, region: str, profile: str | None = None) -> Any:
    """With the credentials that boto3 finds: environment, profile, single sign-on, role.

    Raises:
        AwsFailed: there is no such profile.
    """
    import boto3
    from botocore.config import Config

    config = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    with explained(service, region):
        session = boto3.session.Session(region_name=region, profile_name=profile)
        create: Any = session.client  # its overloads want each service by name
        return create(service, config=config)


@contextmanager
def explained(service: str, place: str, failed: type[AwsFailed] = AwsFailed) -> Iterator[None]:
    """Turn what AWS and its client say into what to do about it.

    Raises:
        AwsFailed: something in the block went wrong between here and the service.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise failed(_refused(error, service, place)) from error
    except BotoCoreError as error:
        raise failed(_unreachable(error, service, place)) from error


def _refused(error: Any, service: str, place: str) -> str:
    code, action = error.response["Error"]["Code"], f"{service}:{error.operation_name}"
    # Some services have two protocols, and their codes differ in what stands before the name.
    name = code.rpartition(".")[2]
    if name in DENIED:
        return f"your credentials may not {action} in {place}; ask for a role that allows it"
    if name in NO_LONGER_VALID:
        return f"your AWS credentials are not valid in {place} ({name}); sign in again"
    if name in THROTTLED:
        return (
            f"{NAMES[service]} in {place} throttled {action} {ATTEMPTS} times in a row; nothing is "
            "lost, wait a minute and repeat the command"
        )
    told = error.response["Error"]["Message"]
    return f"{NAMES[service]} in {place} refused {action}: {name}: {told}"


def _unreachable(error: Exception, service: str, place: str) -> str:
    from botocore import exceptions

    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return (
                "there are no AWS credentials; sign in ('aws sso login') or set AWS_PROFILE, "
                "or leave out --region to use the local stack"
            )
        case exceptions.ConnectionError() | exceptions.HTTPClientError():
            kind = type(error).__name__
            return f"{NAMES[service]} in {place} does not answer ({kind}); is the name right?"
    return f"AWS cannot be used: {error}"
