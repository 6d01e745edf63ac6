"""Runs that are accepted now and done later: found fit, recorded, and announced to their agent."""

from collections.abc import Callable

from functions.domain.errors import IdempotencyKeyReused
from functions.domain.event import Event, schema_uri
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.pipeline.ports import Publisher, Records

REQUESTED = "run.requested"
COMPLETED = "run.completed"
FAILED = "run.failed"
ANNOUNCED = frozenset({REQUESTED, COMPLETED, FAILED})
"""What only the gatehouse itself may say of a run."""
MOST_EVENT_BYTES = 200_000
"""SNS takes 256 KB; a longer output is had from the run's record only."""


def keep_and_announce(
    records: Records, publisher: Publisher, source: str
) -> Callable[[Run], RunRecord]:
    """The end of the way for now: a record of the run, and an event for its agent.

    The record comes first: an event whose run nobody knows could not be worked on. When the event
    then cannot be sent, the caller is told to try again, and a repetition with the same key sends
    it; until the run has begun, every repetition does, and the agent does the run once.
    """

    def ending(run: Run) -> RunRecord:
        wanted = RunRecord.queued(run)
        kept = records.accept(wanted)
        if kept.digest != wanted.digest or kept.agent != wanted.agent:
            msg = "This key came before with another input. Use a new key for a new request."
            raise IdempotencyKeyReused(msg)
        if kept.status == "queued":
            publisher.publish(requested(run, source))
        return kept

    return ending


def requested(run: Run, source: str) -> Event:
    """Tells an agent that there is a run to do. The input stays in the record."""
    return Event(
        id=f"{run.id}.requested",
        source=source,
        type=REQUESTED,
        time=run.received_at,
        team=run.team.name,
        workflow=run.workflow,
        runid=run.id,
        dataschema=schema_uri(REQUESTED, 1),
        data={
            "run_id": run.id,
            "agent": run.agent,
            "caller": {"subject": run.caller.subject, "roles": sorted(run.caller.roles)},
        },
    )
