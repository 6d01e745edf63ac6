"""Sends the results of runs to where their callers want them.

Its queue hears of each accepted run that is over and has a callback. Whatever fails is tried again
as other messages are, with growing waits, and is at last kept for a person; the run itself is not
touched by it, and its record can be read all the while.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bootstrap.surroundings import begin, logger
from functions.bootstrap.tracing import flushed
from functions.bootstrap.webhooks import Webhooks, webhook_parts
from functions.domain.callback import Callback
from functions.domain.errors import GatehouseError, NotFound
from functions.domain.event import Event
from functions.domain.message import Message
from functions.domain.names import RunId
from functions.entrypoints.attempts import attempt, bury, each
from functions.entrypoints.messages import read_event, team_of
from functions.entrypoints.spans import processing
from functions.pipeline.ports import DeliveryResult


@flushed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    return each(event, context, partial(take, webhook_parts()))


@dataclass(slots=True)
class Known:
    """What is known of a message so far, for the log and for whoever reads its letter."""

    event: Event | None = None
    run: RunId | None = None
    host: str | None = None
    status: int | str | None = None
    """What the receiver answered, or why there is no answer."""
    trace_id: str | None = None


def take(hooks: Webhooks, message: Message, left: timedelta) -> DeliveryResult:
    """Send what a message tells of; no error of it ever leaves this function."""
    known = Known()
    result = attempt(
        hooks,
        message,
        lambda: _send(hooks, message, known),
        lambda error: _give_up(hooks, message, known, error),
    )
    hooks.telemetry.count_webhook(result=result)
    # Neither the URL's path and query nor what is sent: both are between team and receiver.
    logger().info(
        "webhook",
        run=known.run,
        team=known.event.team if known.event else None,
        host=known.host,
        status=known.status,
        attempts=message.receives,
        result=result,
        trace_id=known.trace_id,
    )
    return result


def _send(hooks: Webhooks, message: Message, known: Known) -> DeliveryResult:
    try:
        event = known.event = read_event(message.body)
        with processing(hooks.telemetry, "webhooks", message, event) as known.trace_id:
            known.status = _deliver(hooks, event, known)
    except GatehouseError as error:
        known.status = error.slug
        raise
    return "succeeded"


def _deliver(hooks: Webhooks, event: Event, known: Known) -> int | str:
    """The event only names the run: where it goes and what is sent, its record says."""
    team = team_of(event, hooks.teams)
    record = hooks.records.find(team.name, event.runid or "")
    if record is None:
        msg = "The run has no record any more."
        raise NotFound(msg)
    known.run = record.id
    if record.pending or record.order.callback is None:
        return record.status  # it was brought back, and is told of again when it is over
    to = Callback.read(record.order.callback, team.webhook_hosts)
    known.host = to.host
    with hooks.telemetry.span("POST", kind="client") as span:
        span.note({"http.request.method": "POST", "server.address": to.host})
        status = hooks.courier.deliver(record, team, to, span.context)
        span.note({"http.response.status_code": status})
        return status


def _give_up(
    hooks: Webhooks, message: Message, known: Known, error: GatehouseError
) -> DeliveryResult:
    bury(hooks, message, error, known.event, known.run)
    return "dead-lettered"
