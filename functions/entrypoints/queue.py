"""The event way in: CloudEvents from one agent's queue, and their answers back to the topic.

Powertools reports which records of a batch failed, and SQS delivers only those again. The answer is
published after its outcome is recorded: a crash in between finds the outcome on redelivery, and
publishes the same event, with the same id.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_before_snapshot

from functions import bootstrap, config
from functions.domain.errors import GatehouseError
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.messages import read_event, to_run

# Without the flag a batch in which every record failed would raise, and a raise tells SQS nothing.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(bootstrap.queue)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    bootstrap.logger().append_keys(request_id=context.aws_request_id)
    if not event.get("Records"):
        return {"batchItemFailures": []}
    return dict(process_partial_response(event, _guarded, processor, context))


def handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """One message: its run, and the event that answers it."""
    queue = bootstrap.queue()
    event = read_event(record.body)
    left = min(_left(lambda_context), timedelta(seconds=queue.manifest.timeout_seconds))
    run = to_run(event, queue.manifest.name, config.teams(), bootstrap.now(), left)
    outcome = queue.runs(run)
    if queue.manifest.emits:
        queue.publisher.publish(
            event.answered(
                outcome, type_=queue.manifest.emits, source=queue.source, at=bootstrap.now()
            )
        )


def _guarded(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """No error of one record may end the batch, not even one that would end the process."""
    try:
        handle(record, lambda_context)
    except GatehouseError as error:
        bootstrap.logger().warning(
            "message failed", message_id=record.message_id, error=error.slug, detail=error.detail
        )
        raise
    except BaseException as error:
        log_unexpected(error)
        raise GatehouseError from error


def _left(context: LambdaContext) -> timedelta:
    return timedelta(milliseconds=context.get_remaining_time_in_millis())
