"""Events as CloudEvents 1.0, with what the gatehouse must know about them as extensions.

``source`` and ``id`` together name one happening in the world: a message that comes twice is one
event, and its run happens once.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.moment import Moment
from functions.domain.names import UNASSIGNED, EventType, JsonObject, RunId, TeamName, Workflow
from functions.domain.run import TraceContext

THRESHOLD_REACHED = "budget.threshold_reached"
BUDGET_RESTRICTED = "budget.restricted"
MOST_HOPS = 8
"""An event that comes after so many others is one of a circle."""


def schema_uri(type_: str, version: int) -> str:
    """What an event's ``dataschema`` says when its data follows this contract."""
    return f"urn:gatehouse:event:{type_}:v{version}"


class Event(BaseModel):
    """A CloudEvent in structured mode; unknown extensions are kept out of our way."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(min_length=1, max_length=256)]
    source: Annotated[str, Field(min_length=1, max_length=256)]
    type: EventType
    time: Moment
    datacontenttype: Literal["application/json"] = "application/json"
    team: TeamName
    workflow: Workflow = UNASSIGNED
    traceparent: str | None = None
    tracestate: str | None = None
    causationid: Annotated[str, Field(max_length=256)] | None = None
    """The id of the event that this one answers."""
    runid: Annotated[str, Field(max_length=64)] | None = None
    """The run that made this event."""
    hops: Annotated[int, Field(ge=0)] = 0
    """How many agents answered one another before this event."""
    chain: Annotated[str, Field(max_length=4096)] | None = None
    """The ids of the events that led to this one, oldest first, with blanks between."""
    dataschema: Annotated[str, Field(max_length=256)] | None = None
    """Names the contract and its version; absent means the newest."""
    data: JsonObject

    @property
    def trace(self) -> TraceContext | None:
        """The trace that it belongs to, if its producer named one."""
        return TraceContext(self.traceparent, self.tracestate) if self.traceparent else None

    @property
    def key(self) -> str:
        """One key for one happening, however often its message is delivered."""
        return f"{self.source} {self.id}"

    def answered(
        self,
        *,
        data: JsonObject,
        type_: str,
        version: int = 1,
        source: str,
        at: datetime,
        run: RunId,
        trace: TraceContext | None = None,
    ) -> "Event":
        """The event that answers this one; without a trace, it joins that of its publishing.

        Its id is derived, so publishing it twice publishes the same event.
        """
        digest = hashlib.sha256(f"{source} {type_} {self.team} {self.key}".encode()).hexdigest()
        return Event(
            id=digest[:32],
            source=source,
            type=type_,
            time=at,
            team=self.team,
            workflow=self.workflow,
            traceparent=trace.traceparent if trace else None,
            tracestate=trace.tracestate if trace else None,
            causationid=self.id,
            runid=run,
            dataschema=schema_uri(type_, version),
            hops=self.hops + 1,
            chain=f"{self.chain} {self.id}" if self.chain else self.id,
            data=data,
        )
