"""The queues of an AWS region, or of the local stack: the same calls to another endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cli.calls import CannotCall
from local.aws import Aws
from local.state import Running

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


class QueuesFailed(CannotCall):
    """The queues cannot be reached or used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A client of SQS, and what to call the place that it reaches."""

    sqs: Any
    place: str
    names_sources: bool = True
    """Deviation from AWS: moto moves a message without noting where it was moved from. Nothing on
    the local stack is undeliverable, so a letter that says nothing was moved."""

    @classmethod
    def local(cls, running: Running | None) -> "Reach":
        """The local stack.

        Raises:
            QueuesFailed: none is running.
        """
        if running is None:
            msg = (
                "no local stack is running; start one with 'make run' in another terminal, or "
                "name the region of your AWS account, such as --region eu-central-1"
            )
            raise QueuesFailed(msg)
        sqs = Aws(running.aws_url, running.region).client("sqs")
        return cls(sqs, "the local stack", names_sources=False)

    @classmethod
    def aws(cls, region: str) -> "Reach":
        """With the credentials that boto3 finds: environment, profile, single sign-on, role."""
        import boto3
        from botocore.config import Config

        config = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
        sqs = boto3.session.Session(region_name=region).client("sqs", config=config)
        return cls(sqs, region)


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn what AWS and its client say into what to do about it.

    Raises:
        QueuesFailed: something in the block went wrong between here and the queues.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise QueuesFailed(_refused(error, place)) from error
    except BotoCoreError as error:
        raise QueuesFailed(_unreachable(error, place)) from error


def _refused(error: Any, place: str) -> str:
    code, action = error.response["Error"]["Code"], f"sqs:{error.operation_name}"
    # SQS has two protocols, and their codes differ in what stands before the name.
    name = code.rpartition(".")[2]
    if name in DENIED:
        return f"your credentials may not {action} in {place}; ask for a role that allows it"
    if name in NO_LONGER_VALID:
        return f"your AWS credentials are not valid in {place} ({name}); sign in again"
    if name in THROTTLED:
        return (
            f"SQS in {place} throttled {action} {ATTEMPTS} times in a row; nothing is lost, "
            "wait a minute and repeat the command"
        )
    return f"SQS in {place} refused {action}: {name}: {error.response['Error']['Message']}"


def _unreachable(error: Exception, place: str) -> str:
    from botocore import exceptions

    match error:
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return (
                "there are no AWS credentials; sign in ('aws sso login') or set AWS_PROFILE, "
                "or leave out --region to use the local stack"
            )
        case exceptions.ConnectionError() | exceptions.HTTPClientError():
            return f"SQS in {place} does not answer ({type(error).__name__}); is the name right?"
    return f"AWS cannot be used: {error}"
