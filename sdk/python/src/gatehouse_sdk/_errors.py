"""What can go wrong, one class for each problem type of the gatehouse, with the server's own names.

    GatehouseError
    ├── CallerError            4xx: the caller can fix it
    ├── UpstreamError          5xx: the caller can only wait
    ├── ConnectionFailed       no answer came, or none that can be read
    └── Expired                a queued call became too old to be sent

``error.slug`` is always there; a slug that this version does not know yet is a ``CallerError`` or
an ``UpstreamError``. Messages hold the server's detail, which never quotes what was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The statuses after which the same request may succeed."""
_CLASSES: dict[str, type["GatehouseError"]] = {}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with an input: where (a JSON Pointer) and what."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known about an error besides its slug and its detail."""

    status: int | None = None
    retryable: bool = False
    retry_after: int | None = None
    request_id: str | None = None
    trace_id: str | None = None
    violations: Sequence[Violation] = ()


_UNKNOWN = Circumstances()


class GatehouseError(Exception):
    """A call that gave nothing.

    Attributes:
        slug: the problem's type, such as ``invalid-input``; ``docs/errors.md`` explains each.
        status: the HTTP status, or None when there was no answer.
        detail: what happened and what to do.
        retryable: whether the same call may succeed later.
        retry_after: seconds until then, where the server knows them.
        request_id: what to quote to the platform team.
        trace_id: where the run that failed can be followed.
        violations: what is wrong with the input.
    """

    slug: str = "internal"
    slugs: ClassVar[tuple[str, ...]] = ("internal",)

    def __init__(
        self, detail: str, *, slug: str | None = None, about: Circumstances = _UNKNOWN
    ) -> None:
        super().__init__(detail)
        self.slug = slug or self.slug
        self.detail = detail
        self.status = about.status
        self.retryable = about.retryable
        self.retry_after = about.retry_after
        self.request_id = about.request_id
        self.trace_id = about.trace_id
        self.violations = tuple(about.violations)
        self._about = about

    def __init_subclass__(cls, slug: str = "") -> None:
        super().__init_subclass__()
        cls.slugs = (slug,) if slug else ()
        if slug:
            cls.slug = slug
            _CLASSES[slug] = cls

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process pools, so they must survive pickling."""
        return _again, (type(self), self.detail, self.slug, self._about)

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.slug}: {self.detail}{request}"


class CallerError(GatehouseError, slug="bad-request"):
    """The caller can fix it; sending the same again fails again."""


class MalformedRequest(CallerError, slug="malformed-request"):
    """The request cannot be read. With no status: it was never sent."""


class Unauthenticated(CallerError, slug="unauthenticated"):
    """The token is not accepted."""


class AccessDenied(CallerError, slug="access-denied"):
    """The token has none of the agent's roles."""


class TeamSwitchedOff(CallerError, slug="team-switched-off"):
    """The team's kill switch is on."""


class NotFound(CallerError, slug="not-found"):
    """There is no such thing, or it belongs to another team."""


class UnknownAgent(NotFound, slug="unknown-agent"):
    """No agent has this name in this zone."""


class FlagNotEvaluated(CallerError, slug="flag-not-evaluated"):
    """A flag's value cannot be told from what was sent."""


class FlagNotFound(NotFound, slug="flag-not-found"):
    """No flag has this name."""


class MethodNotAllowed(CallerError, slug="method-not-allowed"):
    """The route exists, but not with this method."""


class RunInProgress(CallerError, slug="run-in-progress"):
    """The same idempotency key is being worked on."""


class PayloadTooLarge(CallerError, slug="payload-too-large"):
    """The request is larger than the gateway, the agent or the queue takes."""


class UnsupportedMediaType(CallerError, slug="unsupported-media-type"):
    """The body is not JSON."""


class WrongZone(CallerError, slug="wrong-zone"):
    """The team's data belongs to another zone, and the way there is not known."""


class InvalidInput(CallerError, slug="invalid-input"):
    """The input does not fit the agent's contract; ``violations`` says where."""


class PersonalDataFound(InvalidInput, slug="personal-data-found"):
    """The input holds personal data of a kind that the agent refuses."""


class CallbackNotAllowed(CallerError, slug="callback-not-allowed"):
    """The result may not be sent to that address."""


class IdempotencyKeyReused(CallerError, slug="idempotency-key-reused"):
    """The key came before, with another input."""


class Throttled(CallerError, slug="throttled"):
    """More requests a second than the team's tier allows."""


class QuotaExceeded(CallerError, slug="quota-exceeded"):
    """The team's requests of this period are used up."""


class BudgetExhausted(CallerError, slug="budget-exhausted"):
    """The team's money of this period is spent or promised."""


class UpstreamError(GatehouseError, slug="upstream-failed"):
    """The caller can only wait."""


class AgentFailed(UpstreamError, slug="agent-failed"):
    """The agent's own code broke."""


class ScanFailed(UpstreamError, slug="scan-failed"):
    """The scan for personal data broke, so nothing was done."""


class EventLoop(UpstreamError, slug="event-loop"):
    """Events led to one another in a circle."""


class InvalidModelReply(UpstreamError, slug="invalid-model-reply"):
    """The model's reply did not fit, nor did its one repair."""


class ModelRefused(UpstreamError, slug="model-refused"):
    """The model or its guardrail would not answer."""


class ReceiverFailed(UpstreamError, slug="receiver-failed"):
    """A webhook's receiver could not be reached, or could not take it now."""


class ReceiverRefused(UpstreamError, slug="receiver-refused"):
    """A webhook's receiver does not want it, now or later."""


class AgentSwitchedOff(UpstreamError, slug="agent-switched-off"):
    """The agent's kill switch is on."""


class ModelUnavailable(UpstreamError, slug="model-unavailable"):
    """The model is throttled, down or slow."""


class ReducedCapacity(ModelUnavailable, slug="temporary-reduced-capacity"):
    """Every model of the agent failed."""


class StoreUnavailable(UpstreamError, slug="store-unavailable"):
    """The gatehouse's own records cannot be reached."""


class OutOfTime(UpstreamError, slug="out-of-time"):
    """The run's time was over before its work."""


class ConnectionFailed(GatehouseError, slug="network-error"):
    """No answer came: no name, no connection, no TLS, or it broke off."""


class TimedOut(ConnectionFailed, slug="timeout"):
    """No answer came in time."""


class MalformedReply(ConnectionFailed, slug="malformed-reply"):
    """The answer says that it is a success, and cannot be read."""


class Expired(GatehouseError, slug="expired"):
    """A queued call became so old that the server may have forgotten its key; it was not sent."""


def error_of(slug: str, detail: str, about: Circumstances) -> GatehouseError:
    """The error for a slug; of one that is not known yet, the status tells the class."""
    by_status = UpstreamError if (about.status or 0) >= 500 else CallerError  # noqa: PLR2004  # HTTP's own line between the two
    kind = GatehouseError if slug == GatehouseError.slug else _CLASSES.get(slug, by_status)
    return kind(detail, slug=slug, about=about)


def unreachable(kind: type[ConnectionFailed], detail: str) -> ConnectionFailed:
    """No answer: trying again later may help."""
    return kind(detail, about=Circumstances(retryable=True))


def _again(
    kind: type[GatehouseError], detail: str, slug: str, about: Circumstances
) -> GatehouseError:
    return kind(detail, slug=slug, about=about)
