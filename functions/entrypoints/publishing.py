"""Events that arrive by HTTP: checked against their contracts, and handed to the topic.

An array is a batch, and each of its events has a result of its own: one that is wrong does not keep
the others from being published, and publishing an event twice makes it happen once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import ValidationError

from functions.bootstrap.http import Http
from functions.domain.contracts import Contracts
from functions.domain.errors import (
    AccessDenied,
    CallerError,
    GatehouseError,
    InvalidInput,
    PayloadTooLarge,
    TeamSwitchedOff,
)
from functions.domain.event import Event
from functions.domain.names import JsonObject
from functions.domain.roles import PUBLISH
from functions.domain.team import Caller, Team
from functions.entrypoints.publishing_trail import PublishingTrail
from functions.entrypoints.requests import read_json, read_workflow
from functions.pipeline.violations import violations

MOST_EVENTS = 10
MOST_EVENT_BYTES = 240_000
"""SNS takes 256 KB with what it adds."""
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Publication:
    """One request to publish: who asks, and what goes for all its events."""

    http: Http
    contracts: Contracts
    ours: frozenset[str]
    """Types that only the gatehouse and its agents say."""
    team: Team
    workflow: str
    trail: PublishingTrail

    def publish(self, entry: object) -> str:
        """Publish one event; its id.

        Raises:
            GatehouseError: it is not published.
        """
        event = None
        try:
            event = self._event(entry)
            self.trail.published(self._published(event))
        except BaseException as error:
            self.trail.refused(event, error)
            raise
        return event.id

    def _published(self, event: Event) -> Event:
        """The event as it is sent."""
        if event.type in self.ours:
            msg = "Events of this type are said by the gatehouse and its agents alone."
            raise InvalidInput(msg, violations=[{"pointer": "/type", "detail": msg}])
        contract = self.contracts.named(event.type, event.dataschema)
        if wrong := contract.violations(event.data):
            first = wrong[0]
            msg = f"The data does not fit {contract.name}: {first['detail']} ({first['pointer']})"
            raise InvalidInput(msg, violations=wrong)
        sent = event.model_copy(update={"dataschema": contract.uri, "runid": None})
        _check_size(sent)
        return self.http.publisher.publish(sent)

    def _event(self, entry: object) -> Event:
        defaults = {"team": self.team.name, "workflow": self.workflow}
        given = {**defaults, **entry} if isinstance(entry, Mapping) else entry
        try:
            event = Event.model_validate(given)
        except ValidationError as error:
            wrong = violations(error, Event, root="")
            msg = f"This is no CloudEvent that the gatehouse takes: {wrong[0]['detail']}"
            raise InvalidInput(f"{msg} ({wrong[0]['pointer']})", violations=wrong) from None
        if event.team != self.team.name:
            msg = f"A token of {self.team.name} publishes events of this team only."
            raise AccessDenied(msg)
        return event


def publication(
    event: APIGatewayProxyEvent,
    http: Http,
    contracts: Contracts,
    ours: frozenset[str],
    caller: Caller,
    team: Team,
) -> Publication:
    """Who may publish at all.

    Raises:
        AccessDenied: the token has no role for it.
        TeamSwitchedOff: nothing of the team happens at the moment.
    """
    trail = PublishingTrail(http, contracts, caller, PUBLISH, event.request_context.request_id)
    try:
        _check_access(caller, team)
    except CallerError as error:
        trail.refused(None, error)
        trail.write()
        raise
    return Publication(http, contracts, ours, team, read_workflow(event), trail)


def _check_access(caller: Caller, team: Team) -> None:
    if PUBLISH not in caller.roles:
        msg = f"Publishing events needs the role {PUBLISH}. Ask the platform team for it."
        raise AccessDenied(msg)
    if not team.enabled:
        msg = f"The team {team.name} is switched off. Ask the platform team."
        raise TeamSwitchedOff(msg)


def published(event: APIGatewayProxyEvent, by: Publication) -> JsonObject:
    """Publish what a request holds, one event or a batch; a result for each, in their order.

    Raises:
        GatehouseError: the single event is not published, or there is no batch to read.
    """
    try:
        return _published(read_json(event), by.publish)
    finally:
        by.trail.write()


def _published(body: object, publish: Callable[[object], str]) -> JsonObject:
    if not isinstance(body, list):
        return {"results": [{"id": publish(body), "status": ACCEPTED}]}
    if not 1 <= len(body) <= MOST_EVENTS:
        msg = f"A batch has 1 to {MOST_EVENTS} events; this one has {len(body)}."
        raise InvalidInput(msg, violations=[{"pointer": "", "detail": msg}])
    return {"results": [_result(entry, publish) for entry in body]}


def _result(entry: object, publish: Callable[[object], str]) -> JsonObject:
    try:
        return {"id": publish(entry), "status": ACCEPTED}
    except GatehouseError as error:
        id_ = entry.get("id") if isinstance(entry, dict) else None
        named = {"id": id_} if isinstance(id_, str) else {}
        return {**named, "status": error.status, "problem": error.problem()}


def _check_size(event: Event) -> None:
    size = len(event.model_dump_json(exclude_none=True).encode())
    if size > MOST_EVENT_BYTES:
        msg = f"An event takes up to {MOST_EVENT_BYTES} bytes; this one has {size}."
        raise PayloadTooLarge(msg)
