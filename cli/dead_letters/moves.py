"""Dead letters that leave their queue: back to the agent, or for good.

    receive (hidden) ─▶ send a copy ─▶ SQS confirms it ─▶ delete ─▶ the next one

Whatever ends this, and wherever, each letter is in at least one of the two queues. Killed between
confirmation and deletion, it is in both; that is harmless, because a run is keyed by the source and
the id of its event, so the second copy finds the first one's outcome.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from cli.dead_letters.letter import Letter
from cli.dead_letters.look import BATCH, HIDDEN_SECONDS, Look
from cli.dead_letters.queues import AgentQueues
from cli.dead_letters.reach import Reach
from cli.dead_letters.selection import Selection

SLOWEST_PER_SECOND = 0.05
BOUND_SECONDS = 1.0
"""How long after it was asked for, an order's bound has passed for certain."""

OnLetter = Callable[[int], None]
"""Called after each letter that was looked at, with the number of those that left so far."""


@dataclass(kw_only=True)
class Pace:
    """No more than so many in a second, evenly; stops waiting when told to stop."""

    per_second: float | None
    not_before: float = 0.0
    """The next turn, by the clock."""
    stop: Event = field(default_factory=Event)
    clock: Callable[[], float] = time.monotonic

    def wait(self) -> None:
        """Wait for the next turn."""
        now = self.clock()
        if now < self.not_before:
            self.stop.wait(self.not_before - now)
        if self.per_second is not None:
            self.not_before = max(self.not_before, now) + 1 / self.per_second

    @property
    def batch(self) -> int:
        """As many letters as get their turn in half the time for which they are hidden.

        One that shows itself before its turn could be taken by another redrive too.
        """
        if self.per_second is None:
            return BATCH
        return max(1, min(BATCH, int(self.per_second * HIDDEN_SECONDS / 2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which letters of which agent are to leave: none that came after the given moment.

    Without that bound a redrive would never end: what fails again at once becomes a new letter. The
    clock of SQS is told in whole seconds, so the bound is the end of one; nothing is sent before.
    """

    queues: AgentQueues
    selection: Selection
    before: datetime
    about: int
    """How many letters there are in all, roughly."""

    def look(self, reach: Reach, batch: int = BATCH) -> Look:
        return Look(
            reach=reach,
            queues=self.queues,
            before=self.before,
            batch=batch,
        )


@dataclass(frozen=True, slots=True)
class Departed:
    """The letters that left, by their ids."""

    ids: frozenset[str]
    may_have_left_some: bool
    """Whether there may be more that were meant, so that the order should be given again."""


def preview(reach: Reach, order: Order) -> list[Letter]:
    """The letters that would leave."""
    with order.look(reach) as look:
        return [letter for letter in look if order.selection.takes(letter)]


def redrive(reach: Reach, order: Order, pace: Pace, on_letter: OnLetter) -> Departed:
    """Send letters back to the agent's queue, one by one."""

    def send(look: Look, letter: Letter) -> None:
        reach.sqs.send_message(QueueUrl=order.queues.work_url, **letter.sending)
        look.remove(letter)

    return _leave(reach, order, pace, send, on_letter)


def purge(reach: Reach, order: Order, pace: Pace, on_letter: OnLetter) -> Departed:
    """Delete letters for good."""
    return _leave(reach, order, pace, Look.remove, on_letter)


def _leave(
    reach: Reach,
    order: Order,
    pace: Pace,
    act: Callable[[Look, Letter], None],
    on_letter: OnLetter,
) -> Departed:
    left: set[str] = set()
    with order.look(reach, pace.batch) as look:
        for letter in look:
            is_meant = order.selection.takes(letter)
            if is_meant:
                pace.wait()
            # Asked between the letters only: what was sent is always deleted as well.
            if pace.stop.is_set():
                break
            if is_meant:
                act(look, letter)
                left.add(letter.message_id)
            on_letter(len(left))
    return Departed(frozenset(left), look.was_cut)
