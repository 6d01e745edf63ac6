"""Polls queues for functions: takes batches, has them worked on, deletes what succeeded.

What a function fails, or reports as failed, is left alone: it becomes visible again when its
visibility timeout ends, and after its last receive the queue moves it to the dead-letter queue.
The same happens when the worker dies in the middle of a batch.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from threading import Event, Lock, Thread
from typing import Any

from local.authorizer import Invoke
from local.event_sources import EventSource, batch_event, succeeded
from local.invocation import Invocation
from local.logs import Write

LONG_POLL_SECONDS = 1
"""Deviation from AWS, whose pollers wait up to 20 seconds: stopping takes this long."""
PAUSE_SECONDS = 1.0
"""How long a poller rests when the queue cannot be read."""


class Poller:
    """Serves one event source until it is stopped."""

    def __init__(
        self, source: EventSource, sqs: Any, invoke: Invoke, write: Write, *, environments: int = 1
    ) -> None:
        """``environments`` is how many calls of the function can run at a time here."""
        self._source = source
        self._sqs = sqs
        self._invoke = invoke
        self._write = write
        self._stopped = Event()
        # moto hands a message to two receivers that ask at the same moment.
        self._receiving = Lock()
        # More pollers than environments would take messages off the queue only to let them wait.
        threads = min(source.concurrency, environments)
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no further batch; one that is worked on is finished, or fails with its worker."""
        self._stopped.set()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def poll(self) -> int:
        """Take one batch and have it worked on; how many messages it had."""
        messages = self._receive()
        if messages:
            self._work(messages)
        return len(messages)

    def _run(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        while not self._stopped.is_set():
            try:
                self.poll()
            except (BotoCoreError, ClientError) as error:
                if not self._stopped.is_set():
                    self._write(f"the queue {self._source.queue_url} cannot be read: {error}")
                self._stopped.wait(PAUSE_SECONDS)

    def _receive(self) -> Sequence[Mapping[str, Any]]:
        with self._receiving:
            if self._stopped.is_set():
                return ()
            received: Sequence[Mapping[str, Any]] = self._sqs.receive_message(
                QueueUrl=self._source.queue_url,
                MaxNumberOfMessages=self._source.batch_size,
                WaitTimeSeconds=LONG_POLL_SECONDS,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            ).get("Messages", ())
            return received

    def _work(self, messages: Sequence[Mapping[str, Any]]) -> None:
        payload = json.dumps(batch_event(messages, self._source)).encode()
        reply = self._invoke(Invocation(payload, self._source.function_arn))
        done = succeeded(messages, reply, partial_responses=self._source.partial_responses)
        if len(done) < len(messages):
            self._write(f"{len(messages) - len(done)} of {len(messages)} messages failed")
        self._delete(done)

    def _delete(self, messages: Iterable[Mapping[str, Any]]) -> None:
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        if entries:
            self._sqs.delete_message_batch(QueueUrl=self._source.queue_url, Entries=entries)
