"""Looking at an agent's dead letters: each is received once, and given back when one is done.

Receiving a message hides it from others for a while; that is the only way to read a queue. A look
that is killed gives nothing back, and its letters show themselves again when that while is over.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from cli.dead_letters.letter import REASON, Letter
from cli.dead_letters.queues import AgentQueues
from cli.dead_letters.reach import Reach

BATCH = 10
"""SQS gives and takes no more messages at once."""
POLL_SECONDS = 1
"""A receive that waits asks every machine that holds the queue; one that does not may miss some."""
HIDDEN_SECONDS = 120
"""How long a letter stays hidden that is neither deleted nor given back."""
BARREN_SECONDS = 5.0
"""How long a look goes on while it finds only what is too new, or what shows itself again."""


@dataclass(kw_only=True)
class Look:
    """The letters that were there before a moment; a context manager, to be iterated once."""

    reach: Reach
    queues: AgentQueues
    before: datetime
    batch: int = BATCH
    limit: int | None = None
    clock: Callable[[], float] = time.monotonic
    was_cut: bool = False
    """Whether there may be letters to which it did not come: because of the limit, or because those
    that it saw first showed themselves again before it was through."""
    _held: dict[str, Letter] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _found: int = 0
    _met_again: bool = False
    """Whether the last letter was an old acquaintance."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._give_back()

    def __iter__(self) -> Iterator[Letter]:
        for url in self.queues.dead_letter_urls:
            for letter in self._unseen(url):
                if self._found == self.limit:
                    self.was_cut = True
                    return
                self._found += 1
                yield letter

    def remove(self, letter: Letter) -> None:
        """Delete a letter for good."""
        receipt = self._held[letter.message_id].receipt
        self.reach.sqs.delete_message(QueueUrl=letter.queue_url, ReceiptHandle=receipt)
        del self._held[letter.message_id]

    def _unseen(self, url: str) -> Iterator[Letter]:
        last_found = self.clock()
        while self.clock() - last_found < BARREN_SECONDS:
            letters = self._receive(url)
            if not letters:
                return
            fresh = [letter for letter in letters if self._is_fresh(letter)]
            yield from fresh
            last_found = self.clock() if fresh else last_found
        self.was_cut |= self._met_again

    def _receive(self, url: str) -> list[Letter]:
        received = self.reach.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=self.batch,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=POLL_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages", ())
        letters = [Letter.of(self._with_source(message), url) for message in received]
        # A letter that came back has a new receipt, and only the last one counts.
        self._held |= {letter.message_id: letter for letter in letters}
        return letters

    def _is_fresh(self, letter: Letter) -> bool:
        self._met_again = letter.message_id in self._seen
        self._seen.add(letter.message_id)
        return not self._met_again and letter.sent_at < self.before

    def _with_source(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.reach.names_sources or REASON in message.get("MessageAttributes", {}):
            return message
        moved = {"DeadLetterQueueSourceArn": self.queues.work_arn}
        return {**message, "Attributes": {**message["Attributes"], **moved}}

    def _give_back(self) -> None:
        for url in self.queues.dead_letter_urls:
            held = [letter for letter in self._held.values() if letter.queue_url == url]
            for start in range(0, len(held), BATCH):
                # What cannot be given back was taken by others meanwhile, or is visible already.
                self.reach.sqs.change_message_visibility_batch(
                    QueueUrl=url,
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": letter.receipt,
                            "VisibilityTimeout": 0,
                        }
                        for number, letter in enumerate(held[start : start + BATCH])
                    ],
                )
        self._held.clear()
