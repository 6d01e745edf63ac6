"""The audit trail's lines: who asked for what, what was decided and by which rule. Never content.

A line is written once, when its outcome is known, and nobody changes it. The same act may have two
lines, when a message came twice or a write was repeated: lines with one ``id`` are one line. What a
caller may make up (a key, a header, an unknown agent's name) is not in it.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.personal_data.entities import EntityType

Kind = Literal["run", "event", "administration"]
Decision = Literal[
    "answered",
    "cached",
    "stale",
    "replayed",
    "accepted",
    "refused",
    "failed",
    "published",
    "erased",
]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Who(_Part):
    """Who asked, as the token, the event or the operator's own credentials say."""

    subject: str
    """The token's subject; an event's source, or ``unread``; an operator's ARN."""
    team: str | None = None
    zone: str | None = None
    issuer: str | None = None
    """Who vouched for the subject; absent where no token was shown."""
    roles_used: tuple[str, ...] = ()
    """Of the caller's roles those that the agent asks for, so one of them let the caller in."""


class Rules(_Part):
    """What the decision was based on."""

    manifest: Digest | None = None
    """Of the agent's manifest: roles, models, limits and the policy for personal data."""
    personal_data: Digest | None = None
    """Of the policy for personal data alone."""
    switched_on: bool | None = None
    """What manifest and flag said together; absent when the run did not get so far."""
    budget_micro_usd: dict[str, int] = {}
    """The month's limits by scope; only if money was asked for."""
    prices_since: tuple[str, ...] = ()
    """The versions of the prices that were applied."""
    contract: str | None = None
    """Of a published event."""


class AuditLine(_Part):
    """One run, one published event or one administrative act."""

    id: str
    time: datetime
    kind: Kind
    zone: str
    region: str
    who: Who
    channel: Literal["http", "async", "event", "cli"]
    decision: Decision
    reason: str | None = None
    """The slug of the error that refused or failed it."""
    rules: Rules = Rules()
    run: str | None = None
    replay_of: str | None = None
    """The run whose recorded outcome was given again."""
    trace: str | None = None
    request: str | None = None
    """API Gateway's id, by which the access log has it too."""
    event: str | None = None
    """Source and id of the event."""
    event_type: str | None = None
    workflow: str | None = None
    agent: str | None = None
    version: str | None = None
    models: tuple[str, ...] = ()
    """As they were asked, in their order."""
    answered_by: str | None = None
    redactions: dict[EntityType, int] = {}
    """How many values were hidden, by kind."""
    cost_micro_usd: int = 0
    counts: dict[str, int] = {}
    """Of an administrative act: how much of each store it changed."""

    def written(self) -> str:
        """One line of JSON; what is absent or empty is left out."""
        return self.model_dump_json(exclude_none=True, exclude_defaults=True)
