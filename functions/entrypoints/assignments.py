"""What a message asks of an agent, and who is told how it went.

    an event that the agent consumes   its answer is the event that the agent emits
    run.requested                      its answer is in the run's record, and announced

Whatever it is, the run goes through the same pipeline.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from functions.bootstrap.queue import Queue
from functions.domain.errors import CallerError, GatehouseError, MalformedRequest
from functions.domain.event import Event
from functions.domain.names import JsonObject
from functions.domain.record import RunRecord
from functions.domain.run import Outcome, Run, TraceContext
from functions.entrypoints.messages import to_ordered_run, to_run
from functions.pipeline.accept import COMPLETED, FAILED, MOST_EVENT_BYTES, REQUESTED


class Assignment(Protocol):
    """One message's work."""

    @property
    def run(self) -> Run: ...

    @property
    def done(self) -> Outcome | None:
        """What came of it, when it was done before and only the telling was left."""
        ...

    def succeed(self, outcome: Outcome) -> None:
        """Tell what came of it; telling it twice tells the same."""
        ...

    def give_up(self, error: GatehouseError) -> bool:
        """Tell that it failed for good; whether a person must look at the message, too."""
        ...


def assignment(queue: Queue, event: Event, left: timedelta) -> Assignment:
    """Read what a message asks for.

    Raises:
        MalformedRequest: the agent does nothing about events of this type.
        AccessDenied: the event names no team that is registered here.
        NotFound: the run that is requested has no record.
    """
    now = queue.now()
    deadline = now + min(left, timedelta(seconds=queue.manifest.timeout_seconds))
    if event.type == REQUESTED:
        record = queue.records.begin(event.team, str(event.runid), now)
        run = to_ordered_run(event, record, queue.teams, now, deadline)
        return Requested(queue, event, record, run)
    if event.type not in queue.manifest.consumes:
        msg = f"{queue.manifest.name} does nothing about events of this type."
        raise MalformedRequest(msg)
    return Happened(queue, event, to_run(event, queue.manifest.name, queue.teams, now, deadline))


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened in the world, and the agent answers it with an event of its own."""

    queue: Queue
    event: Event
    run: Run
    done: None = None

    def succeed(self, outcome: Outcome) -> None:
        queue = self.queue
        if queue.manifest.emits:
            answer = self.event.answered(
                data=outcome.output,
                type_=queue.manifest.emits,
                version=queue.manifest.emits_version,
                source=queue.source,
                at=queue.now(),
                run=outcome.id,
            )
            queue.publisher.publish(answer)

    def give_up(self, error: GatehouseError) -> bool:  # noqa: ARG002  # whatever failed, nobody waits for it
        return True


@dataclass(frozen=True, slots=True)
class Requested:
    """A caller asked for a run that nobody waits for; its record is what they will read."""

    queue: Queue
    event: Event
    record: RunRecord
    run: Run

    @property
    def done(self) -> Outcome | None:
        return self.record.outcome

    def succeed(self, outcome: Outcome) -> None:
        if not self.done:
            self.queue.records.succeed(self.record, outcome, self.queue.now())
        self._announce(COMPLETED, _completed(outcome))

    def give_up(self, error: GatehouseError) -> bool:
        """The caller is told; what the caller cannot mend, an operator is told as well."""
        problem = error.problem()
        self.queue.records.fail(self.record, problem, self.queue.now())
        failed = {"run_id": self.run.id, "agent": self.run.agent, "problem": problem}
        # Its work is over by now, and so is the span of that.
        self._announce(FAILED, failed, self.event.trace)
        return not isinstance(error, CallerError)

    def _announce(self, type_: str, data: JsonObject, trace: TraceContext | None = None) -> None:
        queue = self.queue
        queue.publisher.publish(
            self.event.answered(
                data=data,
                type_=type_,
                source=queue.source,
                at=queue.now(),
                run=self.run.id,
                trace=trace,
            ),
            callback=self.record.order.callback is not None,
        )


def _completed(outcome: Outcome) -> JsonObject:
    told = {"agent", "version", "model", "usage", "cost_micro_usd", "cache"}
    data = outcome.model_dump(mode="json", include=told, exclude_none=True)
    data["run_id"] = outcome.id
    # A longer output fits no event: it is read from the run's record.
    fits = len(outcome.model_dump_json().encode()) <= MOST_EVENT_BYTES
    return data | ({"output": outcome.output} if fits else {})
