"""The event way in: CloudEvents from one agent's queue, and their answers back to the topic.

Powertools reports which records of a batch come again, and SQS keeps only those. The answer is
published after its outcome is recorded: a crash in between finds the outcome on redelivery, and
publishes the same event, with the same id.
"""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_before_snapshot

from functions.bootstrap.queue import queue_parts
from functions.bootstrap.surroundings import logger
from functions.entrypoints.attempts import each
from functions.entrypoints.consumer import take

# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(queue_parts)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    logger().append_keys(request_id=context.aws_request_id)
    queue = queue_parts()
    if records := event.get("Records"):
        queue.telemetry.count_batch(queue.manifest.name, len(records))
    return each(event, context, partial(take, queue))
