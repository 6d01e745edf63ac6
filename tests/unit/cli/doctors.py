"""A region for the doctor to look at, and an AWS that answers what a test says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from cli.doctor.site import Site
from infra.blueprint import Blueprint, Sources
from local.template import Stack

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
REGION = "eu-central-1"
ACCOUNT = "111122223333"


def refused(code: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "told so"}}, operation)


Answers = Mapping[tuple[str, str], Any]
"""By service and operation: the answer, an error to raise, or a function of what is asked."""


@dataclass
class FakeAws:
    """Answers what it was told, page by page where pages are asked for."""

    answers: Answers
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, service: str, region: str) -> "FakeService":
        return FakeService(self, service, region)

    def answer(self, service: str, region: str, operation: str, given: dict[str, Any]) -> Any:
        self.asked.append((service, region, operation))
        found = self.answers[service, operation]
        if callable(found):
            found = found(**given)
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class FakeService:
    """One service's client."""

    aws: FakeAws
    service: str
    region: str

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **given: self.aws.answer(self.service, self.region, operation, given)

    def get_paginator(self, operation: str) -> "FakePages":
        return FakePages(self, operation)


@dataclass
class FakePages:
    """All pages in one."""

    service: FakeService
    operation: str

    def paginate(self, **given: Any) -> Iterator[Any]:
        service = self.service
        yield service.aws.answer(service.service, service.region, self.operation, given)


def site(
    client: Any, sources: Sources | None = None, resources: Mapping[str, str] | None = None
) -> Site:
    """The region, with a stack ``edge`` and one of whatever types are given by logical id."""
    blueprint = Blueprint.read(sources or Sources())
    place = blueprint.place(blueprint.zones.of_region(REGION), REGION)
    types = {id_: {"Type": type_} for id_, type_ in (resources or {}).items()}
    stack = Stack(place.stack_name("edge"), ACCOUNT, REGION, {"Resources": types}, {})
    return Site(blueprint, place, (stack,), client, NOW)
