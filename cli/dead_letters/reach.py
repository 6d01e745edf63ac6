"""The queues of an AWS region, or of the local stack: the same calls to another endpoint."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from cli import aws
from cli.calls import here
from local.aws import Aws
from local.state import Running


class QueuesFailed(aws.AwsFailed):
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
            CannotCall: none is running.
        """
        stack = here(running)
        sqs = Aws(stack.aws_url, stack.region).client("sqs")
        return cls(sqs, "the local stack", names_sources=False)

    @classmethod
    def aws(cls, region: str) -> "Reach":
        """With the caller's own credentials."""
        return cls(aws.client("sqs", region), region)


def explained(place: str) -> AbstractContextManager[None]:
    """Turn what SQS and its client say into what to do about it.

    Raises:
        QueuesFailed: something in the block went wrong between here and the queues.
    """
    return aws.explained("sqs", place, QueuesFailed)
