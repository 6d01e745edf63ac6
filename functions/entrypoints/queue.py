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
from functions.bootstrap.surroundings import begin
from functions.bootstrap.tracing import flushed
from functions.entrypoints.attempts import each
from functions.entrypoints.consumer import take
from functions.entrypoints.spans import gathered

# What can be built before the first call is part of the snapshot that Lambda restores.
register_before_snapshot(queue_parts)


@flushed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    queue = queue_parts()
    name, records = queue.manifest.name, event.get("Records", ())
    if records:
        queue.telemetry.count_batch(name, len(records))
    with gathered(queue.telemetry, name, len(records)):
        return each(event, context, partial(take, queue))
