"""Messages as runs: the twin of ``requests``."""

import hashlib
from datetime import datetime, timedelta

from pydantic import ValidationError

from functions.domain import canonical
from functions.domain.errors import AccessDenied, MalformedRequest
from functions.domain.event import Event
from functions.domain.names import RunId
from functions.domain.run import Run, TraceContext
from functions.domain.team import Caller, Teams


def read_event(body: str) -> Event:
    """The CloudEvent in a message.

    Raises:
        MalformedRequest: the message is no CloudEvent; the detail names the fields.
    """
    try:
        return Event.model_validate(canonical.read_object(body))
    except ValidationError as error:
        fields = ", ".join(sorted({str(entry["loc"][0]) for entry in error.errors()}))
        msg = f"The message is no CloudEvent that the gatehouse takes: {fields}."
        raise MalformedRequest(msg) from None
    except ValueError as error:
        msg = f"The message is no JSON that can be read: {error}."
        raise MalformedRequest(msg) from None


def to_run(event: Event, agent: str, teams: Teams, now: datetime, left: timedelta) -> Run:
    """The run that an event asks of an agent.

    A message carries no token: who may publish to the topic speaks for the team that the event
    names, with the roles that the team's own events have.

    Raises:
        AccessDenied: the event names no team that is registered here.
    """
    team = teams.get(event.team)
    if team is None:
        msg = "The event's team is not registered here."
        raise AccessDenied(msg)
    return Run(
        id=_run_id(event, agent),
        agent=agent,
        channel="event",
        caller=Caller(subject=event.source, team=team.name, zone=team.zone, roles=team.roles),
        team=team,
        read=lambda: event.data,
        received_at=now,
        deadline=now + left,
        workflow=event.workflow,
        idempotency_key=event.key,
        trace=TraceContext(event.traceparent, event.tracestate) if event.traceparent else None,
    )


def _run_id(event: Event, agent: str) -> RunId:
    """The same event is the same run, however often it is delivered."""
    return RunId(f"run_{hashlib.sha256(f'{agent} {event.key}'.encode()).hexdigest()[:32]}")
