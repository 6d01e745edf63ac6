"""The event way in: CloudEvents from one agent's queue, and their answers back to the topic.

Powertools reports which records of a batch come again, and SQS keeps only those. The answer is
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

from functions import bootstrap
from functions.domain.errors import GatehouseError
from functions.entrypoints.consumer import take
from functions.entrypoints.failures import log_unexpected
from functions.entrypoints.messages import read_message

# Without the flag a batch in which every record failed would raise, and a raise tells SQS nothing.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(bootstrap.queue)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    bootstrap.logger().append_keys(request_id=context.aws_request_id)
    records = event.get("Records")
    if not records:
        return {"batchItemFailures": []}
    queue = bootstrap.queue()
    queue.telemetry.count_batch(queue.manifest.name, len(records))
    return dict(process_partial_response(event, handle, processor, context))


def handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """One message; it comes again when this raises, and only then."""
    left = timedelta(milliseconds=lambda_context.get_remaining_time_in_millis())
    try:
        result = take(bootstrap.queue(), read_message(record), left)
    except BaseException as error:
        log_unexpected(error)
        raise GatehouseError from error
    if result == "retried":
        msg = "The message comes again."
        raise GatehouseError(msg)
