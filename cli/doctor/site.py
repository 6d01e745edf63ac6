"""One region of one stage as the doctor looks at it: what is wanted there, and how AWS is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli import aws
from functions.domain.agent import AgentManifest
from functions.domain.zone import Zone
from infra.blueprint import Blueprint
from infra.place import Place
from local.template import Stack

Client = Callable[[str, str], Any]
"""Of an AWS service in a region."""
NOWHERE_ELSE = "us-east-1"
"""Where AWS answers for what has no region: bills, and the account's own limits of IAM."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is to be deployed to a region, and clients of the account that it is deployed to."""

    blueprint: Blueprint
    place: Place
    stacks: tuple[Stack, ...]
    """As they were synthesized for this region."""
    client: Client
    now: datetime

    @property
    def zone(self) -> Zone:
        return self.place.zone

    @property
    def region(self) -> str:
        return self.place.region

    def count(self, type_: str) -> int:
        """How many resources of a type the templates have."""
        every = (each for stack in self.stacks for each in stack.resources.values())
        return sum(each["Type"] == type_ for each in every)

    @property
    def agents(self) -> tuple[AgentManifest, ...]:
        return self.blueprint.agents_of(self.zone)

    def ask(self, service: str, operation: str, *, region: str = "", **given: Any) -> Any:
        """What a service answers.

        Raises:
            AwsFailed: it refuses, or cannot be reached.
        """
        where = region or self.region
        with aws.explained(service, where):
            return getattr(self.client(service, where), operation)(**given)

    def find(self, service: str, operation: str, absent: str, **given: Any) -> Any | None:
        """What a service answers; None if it says that there is no such thing.

        Raises:
            AwsFailed: it refuses for another reason, or cannot be reached.
        """
        from botocore.exceptions import ClientError

        with aws.explained(service, self.region):
            try:
                return getattr(self.client(service, self.region), operation)(**given)
            except ClientError as failed:
                if failed.response["Error"]["Code"] != absent:
                    raise
                return None

    def pages(self, service: str, operation: str, **given: Any) -> Iterator[Any]:
        """All pages of what a service lists.

        Raises:
            AwsFailed: it refuses, or cannot be reached.
        """
        with aws.explained(service, self.region):
            client = self.client(service, self.region)
            yield from client.get_paginator(operation).paginate(**given)
