"""A message on an agent's queue, and the letter that tells why one could not be worked on."""

from dataclasses import asdict, dataclass
from datetime import datetime

MOST_DETAIL = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a queue hands over: an event's text, and how often it was tried."""

    id: str
    body: str
    receipt: str
    """Proves that it was received; names the delivery, not the message."""
    receives: int
    """This time included."""
    group: str | None = None
    """Whose turn it uses: the team's, so that no team's backlog delays another's events."""
    due_millis: int | None = None
    """The slot that it booked before, when its team was too fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Why a message was given up; written for the person who reads it, without personal data."""

    reason: str
    """The slug of the error."""
    detail: str
    attempts: int
    at: datetime
    trace_id: str | None = None
    run_id: str | None = None
    event_type: str | None = None
    team: str | None = None

    def attributes(self) -> dict[str, str]:
        """All but the number of attempts as text; an empty one is not known."""
        found = asdict(self) | {"detail": self.detail[:MOST_DETAIL]}
        found["dead_lettered_at"] = found.pop("at").isoformat()
        del found["attempts"]
        return {name: value or "" for name, value in found.items()}
