"""Messages as runs: the twin of ``requests``."""

import hashlib
from datetime import datetime

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from functions.domain import canonical
from functions.domain.errors import AccessDenied, MalformedRequest
from functions.domain.event import Event
from functions.domain.message import Message
from functions.domain.names import RunId
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.domain.team import Caller, Team, Teams

MILLIS_DIGITS = 14
"""Enough until the year 5138."""


def read_message(record: SQSRecord) -> Message:
    """What SQS says of a message, besides its body."""
    due = record.message_attributes["due"]  # absent is None here
    return Message(
        id=record.message_id,
        body=record.body,
        receipt=record.receipt_handle,
        receives=int(record.attributes.approximate_receive_count),
        group=record.attributes.message_group_id,
        due_millis=_millis(due.string_value) if due else None,
    )


def _millis(text: str | None) -> int | None:
    """What we wrote ourselves; with anything else a message books its slot like the others."""
    return int(text) if text and text.isdecimal() and len(text) <= MILLIS_DIGITS else None


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


def to_run(event: Event, agent: str, teams: Teams, now: datetime, deadline: datetime) -> Run:
    """The run that an event asks of an agent.

    A message carries no token: who may publish to the topic speaks for the team that the event
    names, with the roles that the team's own events have.

    Raises:
        AccessDenied: the event names no team that is registered here.
    """
    team = team_of(event, teams)
    return Run(
        id=_run_id(event, agent),
        agent=agent,
        channel="event",
        caller=Caller(subject=event.source, team=team.name, zone=team.zone, roles=team.roles),
        team=team,
        read=lambda: event.data,
        received_at=now,
        deadline=deadline,
        workflow=event.workflow,
        idempotency_key=event.key,
    )


def to_ordered_run(
    event: Event, record: RunRecord, teams: Teams, now: datetime, deadline: datetime
) -> Run:
    """The run that a caller ordered before, as its record has it.

    The record alone says who asked for what: the gatehouse wrote it when it had checked the
    caller's token, while anybody who may publish can write an event.

    Raises:
        AccessDenied: the team is not registered here any more.
    """
    team = team_of(event, teams)
    order = record.order
    return Run(
        id=record.id,
        agent=record.agent,
        channel="async",
        caller=Caller(
            subject=order.subject,
            team=team.name,
            zone=team.zone,
            roles=order.roles,
            issuer=order.issuer,
        ),
        team=team,
        read=lambda: order.input,
        received_at=now,
        deadline=deadline,
        workflow=order.workflow,
        idempotency_key=record.id,
        cache_read=order.cache_read,
        cache_write=order.cache_write,
    )


def team_of(event: Event, teams: Teams) -> Team:
    """The team that an event names.

    Raises:
        AccessDenied: it is not registered here.
    """
    team = teams.get(event.team)
    if team is None:
        msg = "The event's team is not registered here."
        raise AccessDenied(msg)
    return team


def _run_id(event: Event, agent: str) -> RunId:
    """The same event is the same run, however often it is delivered."""
    named = f"{agent} {event.team} {event.key}"
    return RunId(f"run_{hashlib.sha256(named.encode()).hexdigest()[:32]}")
