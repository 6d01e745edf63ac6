"""The audit lines of a request to publish: one for each of its events, written at once."""

from dataclasses import dataclass, field

from functions.bootstrap.http import Http
from functions.domain.audit import AuditLine
from functions.domain.audit_lines import Ended, not_done, of_event
from functions.domain.contracts import Contracts
from functions.domain.event import Event
from functions.domain.team import Caller
from functions.pipeline.audit import hand_over


@dataclass(frozen=True, slots=True)
class PublishingTrail:
    """What is to be written of one request."""

    http: Http
    contracts: Contracts
    caller: Caller
    role: str
    """By which the caller may publish."""
    request_id: str | None
    _lines: list[AuditLine] = field(default_factory=list)

    def published(self, event: Event) -> None:
        self._add(event, Ended("published"))

    def refused(self, event: Event | None, error: BaseException) -> None:
        """A type that somebody made up is not written down."""
        known = event if event and event.type in self.contracts.types else None
        self._add(known, not_done(error))

    def write(self) -> None:
        """Hand the lines over, if there are any."""
        if self._lines:
            hand_over(self.http.trail, self._lines)

    def _add(self, event: Event | None, end: Ended) -> None:
        line = of_event(event, self.caller, self.role, end, self.http.site, self.http.now())
        self._lines.append(line.model_copy(update={"request": self.request_id}))
