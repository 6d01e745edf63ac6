"""The record of a run that was accepted and is done later: what was ordered and what came of it.

    queued ──→ running ──→ succeeded
                  │
                  └──────→ failed ──→ running   (when a person brings its message back)

A record holds the input until the run has succeeded, and its outcome for a week.
"""

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from functions.domain import canonical
from functions.domain.names import JsonObject, RunId
from functions.domain.run import Outcome, Run

Status = Literal["queued", "running", "succeeded", "failed"]
PENDING: frozenset[Status] = frozenset({"queued", "running"})


class Order(BaseModel):
    """What a caller asked for. The message that asks an agent to do it holds no data."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    input: JsonObject
    """Forgotten when the run has succeeded."""
    subject: str
    issuer: str | None = None
    roles: frozenset[str]
    workflow: str
    cache_read: bool
    cache_write: bool
    callback: str | None = None
    """Where to send the result, besides keeping it."""


class RunRecord(BaseModel):
    """One accepted run, readable by its team for as long as it is kept."""

    # Records are read by the version before, too: what a later one adds is ignored.
    model_config = ConfigDict(frozen=True, extra="ignore")
    id: RunId
    team: str
    agent: str
    status: Status
    accepted_at: datetime
    changed_at: datetime
    digest: str
    """Of the order's input, so that a repeated key with another input is noticed."""
    order: Order
    outcome: Outcome | None = None
    problem: JsonObject | None = None
    """Why it failed, as an RFC 9457 problem."""

    @classmethod
    def queued(cls, run: Run) -> "RunRecord":
        """The record of a run that was found fit to be done later."""
        return cls(
            id=run.id,
            team=run.team.name,
            agent=run.agent,
            status="queued",
            accepted_at=run.received_at,
            changed_at=run.received_at,
            digest=hashlib.sha256(canonical.write(run.input).encode()).hexdigest(),
            order=Order(
                input=run.input,
                subject=run.caller.subject,
                issuer=run.caller.issuer,
                roles=run.caller.roles,
                workflow=run.workflow,
                cache_read=run.cache_read,
                cache_write=run.cache_write,
                callback=run.callback,
            ),
        )

    @property
    def pending(self) -> bool:
        return self.status in PENDING

    def shown(self) -> JsonObject:
        """What its team may read of it: never the order."""
        hidden = {"team", "digest", "order"}
        return self.model_dump(mode="json", exclude=hidden, exclude_none=True)
