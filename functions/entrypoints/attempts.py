"""One attempt at a message, and what comes after a failed one: another, later, or a letter.

Whatever a queue's messages are for, they fail in the same way. Nothing that one message does
reaches the others of its batch.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.domain.errors import GatehouseError
from functions.domain.event import Event
from functions.domain.message import DeadLetter, Message
from functions.domain.names import RunId
from functions.domain.redelivery import seconds_until_retry
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.messages import read_message
from functions.pipeline.ports import DeliveryResult, Mailbox

Take = Callable[[Message, timedelta], DeliveryResult]
"""Works on a message for as long as is left."""

# Without the flag a batch in which every record failed would raise, and a raise tells SQS nothing.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


class Desk(Protocol):
    """Where messages are worked on."""

    @property
    def mailbox(self) -> Mailbox: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def jitter(self) -> Callable[[], float]: ...


def each(event: dict[str, Any], context: LambdaContext, take: Take) -> dict[str, Any]:
    """Take every message of a batch; the report names those that come again."""

    def handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
        left = timedelta(milliseconds=lambda_context.get_remaining_time_in_millis())
        try:
            result = take(read_message(record), left)
        except BaseException as error:
            log_unexpected(error)
            raise GatehouseError from error
        if result == "retried":
            msg = "The message comes again."
            raise GatehouseError(msg)

    if not event.get("Records"):
        return {"batchItemFailures": []}
    return dict(process_partial_response(event, handle, processor, context))


def attempt(
    desk: Desk,
    message: Message,
    work: Callable[[], DeliveryResult],
    give_up: Callable[[GatehouseError], DeliveryResult],
) -> DeliveryResult:
    """Work on a message, have it come again if that may help, or give it up.

    No error ever leaves this function, not even the exit of one message.
    """
    try:
        return work()
    except GatehouseError as error:
        failed = error
    except BaseException as error:  # noqa: BLE001  # not even an exit of one may end the others
        log_unexpected(error)
        failed = GatehouseError()
    try:
        seconds = seconds_until_retry(failed, message.receives, desk.jitter())
        if seconds is None:
            return give_up(failed)
        desk.mailbox.retry(message, seconds)
    except GatehouseError as unreachable:
        # The queue's own timeout brings the message back, and its own limit gives it up.
        log_unexpected(unreachable)
    return "retried"


def bury(
    desk: Desk, message: Message, error: GatehouseError, event: Event | None, run: RunId | None
) -> None:
    """Leave a message to a person, with the reason and with what is known of it."""
    letter = DeadLetter(
        reason=error.slug,
        detail=error.detail,
        attempts=message.receives,
        at=desk.now(),
        trace_id=error.trace_id,
        run_id=run,
        event_type=event.type if event else None,
        team=event.team if event else None,
    )
    desk.mailbox.bury(message, letter)
