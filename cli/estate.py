"""What a region's gatehouse keeps, by what its stacks call it: on AWS, or on the local stack.

CloudFormation begins the name of a table, bucket or stream with those of its stack and its own, and
the local runner does the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from cli import aws
from cli.calls import CannotCall, here
from local.aws import Aws
from local.state import Running


@dataclass(frozen=True, slots=True)
class Estate:
    """One region's stores."""

    client: Callable[[str], Any]
    """Of an AWS service, by its name."""
    region: str
    place: str
    is_local: bool = False

    @classmethod
    def local(cls, running: Running | None) -> "Estate":
        """The local stack.

        Raises:
            CannotCall: none is running.
        """
        stack = here(running)
        client = Aws(stack.aws_url, stack.region).client
        return cls(client, stack.region, "the local stack", is_local=True)

    @classmethod
    def aws(cls, region: str, profile: str | None = None) -> "Estate":
        """With the caller's own credentials."""
        return cls(partial(aws.client, region=region, profile=profile), region, region)

    def table(self, part: str) -> str:
        """The name of a table of the stack ``state``."""
        pages = self.client("dynamodb").get_paginator("list_tables").paginate()
        return self._one(f"state-{part}", "table", (n for p in pages for n in p["TableNames"]))

    def bucket(self, part: str) -> str:
        """The name of a bucket of the stack ``state``."""
        found = self.client("s3").list_buckets()["Buckets"]
        return self._one(f"state-{part}".lower(), "bucket", (each["Name"] for each in found))

    def stream(self) -> str:
        """The name of the audit trail's stream."""
        return self._one("audit-", "audit trail", self._streams())

    def audit_bucket(self) -> str:
        """The name of the bucket that the audit trail's stream fills."""
        told = self.client("firehose").describe_delivery_stream(DeliveryStreamName=self.stream())
        (destination,) = told["DeliveryStreamDescription"]["Destinations"]
        splunk = destination.get("SplunkDestinationDescription", {})
        s3 = splunk.get("S3DestinationDescription") or destination["S3DestinationDescription"]
        return str(s3["BucketARN"].rpartition(":")[2])

    def _streams(self) -> Iterator[str]:
        client, last = self.client("firehose"), None
        while True:
            told = client.list_delivery_streams(
                Limit=10, **({"ExclusiveStartDeliveryStreamName": last} if last else {})
            )
            names = told["DeliveryStreamNames"]
            yield from names
            if not told["HasMoreDeliveryStreams"] or not names:
                return
            last = names[-1]

    def _one(self, part: str, what: str, names: Iterator[str]) -> str:
        # Stacks carry their stage where it shares its account with another.
        begins = re.compile(rf"gatehouse-(?:[a-z][a-z0-9]*-)?{self.region}-{part}")
        found = [name for name in names if begins.match(name)]
        if len(found) != 1:
            msg = (
                f"{self.place} has {len(found)} instead of one {what} of the gatehouse "
                f"({part}); is it deployed there?"
            )
            raise CannotCall(msg)
        return found[0]
