"""What becomes of one message: its run and the event that answers it, or another try, or a letter.

succeeded      the run is done and answered: SQS may forget the message
postponed      its team is too fast: a copy comes back when its slot is due
retried        it failed in a way that may pass: the message itself comes back, later each time
dead-lettered  it failed for good: a copy waits, with the reason, for a person
failed         it failed for good, and the caller who can mend it was told
"""

from dataclasses import dataclass
from datetime import timedelta

from functions.bootstrap.queue import Queue
from functions.bootstrap.surroundings import logger
from functions.domain.audit_lines import not_done, of_message
from functions.domain.errors import EventLoop, GatehouseError, QuotaExceeded
from functions.domain.event import MOST_HOPS, Event
from functions.domain.log import event_id
from functions.domain.message import Message
from functions.domain.pace import MILLIS
from functions.domain.redelivery import LONGEST_WAIT_SECONDS
from functions.domain.team import Team
from functions.entrypoints.assignments import Assignment, assignment
from functions.entrypoints.attempts import attempt, bury
from functions.entrypoints.messages import read_event
from functions.entrypoints.spans import processing
from functions.pipeline.accept import REQUESTED
from functions.pipeline.audit import hand_over
from functions.pipeline.ports import DeliveryResult


@dataclass(slots=True)
class Known:
    """What is known of a message so far, for whoever must be told that it failed."""

    event: Event | None = None
    work: Assignment | None = None
    has_run: bool = False
    """Whether there is or was a run, which has audit lines of its own."""


def take(queue: Queue, message: Message, left: timedelta) -> DeliveryResult:
    """Work on a message for as long as is left; no error of it ever leaves this function."""
    known = Known()
    logger().remove_keys(["event_id"])  # of the message before
    result = attempt(
        queue,
        message,
        lambda: _work(queue, message, left, known),
        lambda error: _give_up(queue, message, known, error),
    )
    lag = (queue.now() - known.event.time).total_seconds() if known.event else None
    agent = queue.manifest.name
    queue.telemetry.count_delivery(agent, _heard(queue, known), result=result, lag_seconds=lag)
    return result


def _work(queue: Queue, message: Message, left: timedelta, known: Known) -> DeliveryResult:
    event = known.event = read_event(message.body)
    logger().append_keys(event_id=event_id(event.id))
    with processing(queue.telemetry, queue.manifest.name, message, event):
        return _done(queue, message, left, known, event)


def _done(
    queue: Queue, message: Message, left: timedelta, known: Known, event: Event
) -> DeliveryResult:
    _cut_circle(event)
    work = known.work = assignment(queue, event, left)
    # The gateway has metered what came by HTTP.
    if work.run.channel == "event" and _too_early(queue, message, work.run.team):
        return "postponed"
    known.has_run = True
    work.succeed(work.done or queue.runs(work.run))
    return "succeeded"


def _too_early(queue: Queue, message: Message, team: Team) -> bool:
    """Keep to the rate and quota of the team's tier, by waiting for the run's slot."""
    now = int(queue.now().timestamp() * MILLIS)
    due = message.due_millis
    if due is None:
        due = _booked(queue, team)
    wait = -(-(due - now) // MILLIS)
    if wait > 0:
        queue.mailbox.postpone(message, min(wait, LONGEST_WAIT_SECONDS), due)
    return wait > 0


def _booked(queue: Queue, team: Team) -> int:
    """When the run may begin, in milliseconds."""
    limits = queue.teams.tiers[team.tier]
    slot = queue.pace.book(team.name, limits)
    if slot.number > limits.requests_per_month:
        msg = f"The events of {team.name} used up the month's requests of their tier."
        raise QuotaExceeded(msg)
    return slot.due_millis(limits)


def _give_up(queue: Queue, message: Message, known: Known, error: GatehouseError) -> DeliveryResult:
    if known.work and not known.work.give_up(error):
        return "failed"
    if not known.has_run:
        _audit(queue, known.event, error)
    bury(queue, message, error, known.event, known.work.run.id if known.work else None)
    queue.telemetry.count_dead_letter(queue.manifest.name, error.slug)
    return "dead-lettered"


def _audit(queue: Queue, event: Event | None, error: GatehouseError) -> None:
    team = queue.teams.get(event.team) if event else None
    told = of_message(event, team, queue.manifest, not_done(error), queue.site, queue.now())
    hand_over(queue.trail, [told])


def _heard(queue: Queue, known: Known) -> str:
    """The event's type, if the agent knows it: whoever makes one up makes no metric of it."""
    type_ = known.event.type if known.event else ""
    return type_ if type_ in {*queue.manifest.consumes, REQUESTED} else "other"


def _cut_circle(event: Event) -> None:
    if event.hops >= MOST_HOPS:
        msg = (
            f"Events led to one another {event.hops} times; the chain of the event names them. "
            "Let an agent not answer what it causes itself."
        )
        raise EventLoop(msg)
