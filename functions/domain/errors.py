"""Every way in which a run can fail, drawn once and rendered once.

Each entrypoint translates by shape, never by type: HTTP answers with an RFC 9457 problem, the
queue asks ``retryable`` whether SQS should deliver the message again, the SDKs turn the slug into a
class. Messages never hold payload, prompt or token, so they may be logged and shown.

    GatehouseError                500  internal
    ├── AgentFailed               500  agent-failed
    ├── ScanFailed                500  scan-failed
    ├── EventLoop                 508  event-loop
    ├── CallerError               400  bad-request
    │   ├── MalformedRequest      400  malformed-request
    │   ├── FlagNotEvaluated      400  flag-not-evaluated
    │   ├── Unauthenticated       401  unauthenticated
    │   ├── AccessDenied          403  access-denied
    │   ├── TeamSwitchedOff       403  team-switched-off
    │   ├── NotFound              404  not-found
    │   │   ├── UnknownAgent      404  unknown-agent
    │   │   └── FlagNotFound      404  flag-not-found
    │   ├── MethodNotAllowed      405  method-not-allowed
    │   ├── RunInProgress         409  run-in-progress          (retry after)
    │   ├── PayloadTooLarge       413  payload-too-large
    │   ├── UnsupportedMediaType  415  unsupported-media-type
    │   ├── WrongZone             421  wrong-zone
    │   ├── InvalidInput          422  invalid-input
    │   │   └── PersonalDataFound 422  personal-data-found
    │   ├── CallbackNotAllowed    422  callback-not-allowed
    │   ├── IdempotencyKeyReused  422  idempotency-key-reused
    │   ├── Throttled             429  throttled                (retry after)
    │   ├── QuotaExceeded         429  quota-exceeded           (retry after)
    │   └── BudgetExhausted       429  budget-exhausted         (retry after)
    └── UpstreamError             502  upstream-failed
        ├── InvalidModelReply     502  invalid-model-reply
        ├── ModelRefused          502  model-refused
        ├── ReceiverFailed        502  receiver-failed          (retry after)
        ├── ReceiverRefused       502  receiver-refused
        ├── AgentSwitchedOff      503  agent-switched-off       (retry after)
        ├── ModelUnavailable      503  model-unavailable        (retry after)
        │   └── ReducedCapacity   503  temporary-reduced-capacity (retry after)
        ├── StoreUnavailable      503  store-unavailable        (retry after)
        └── OutOfTime             504  out-of-time
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal, TypedDict

from functions.domain.names import JsonObject

FlagErrorCode = Literal["INVALID_CONTEXT", "PARSE_ERROR", "TARGETING_KEY_MISSING"]
"""OpenFeature's own names."""


class Violation(TypedDict):
    """One thing that is wrong with an input: where (a JSON Pointer) and what."""

    pointer: str
    detail: str


class GatehouseError(Exception):
    """Something went wrong, and the caller is told no more than a request id."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "The gatehouse failed"
    retryable: ClassVar[bool] = True

    def __init__(
        self,
        detail: str = "Something failed on our side. Quote the request id to the platform team.",
        *,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.trace_id: str | None = None
        """Where the run that failed can be followed; known once its trace has begun."""

    @classmethod
    def type_uri(cls) -> str:
        """The problem's ``type``; ``docs/errors.md`` explains each."""
        return f"urn:gatehouse:problem:{cls.slug}"

    def problem(self) -> JsonObject:
        """The error as an RFC 9457 problem."""
        body: JsonObject = {
            "type": self.type_uri(),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "retryable": self.retryable,
        }
        return body | ({"trace_id": self.trace_id} if self.trace_id else {})


class AgentFailed(GatehouseError):
    """The agent's own code broke; its message could hold payload, so only its kind is told."""

    slug = "agent-failed"
    title = "The agent failed"
    retryable = False


class ScanFailed(GatehouseError):
    """The scan for personal data broke, so nothing of this run may go on."""

    slug = "scan-failed"
    title = "The input could not be scanned for personal data"


class EventLoop(GatehouseError):
    """An event's answers led to the agent that answers them, again and again."""

    status = 508
    slug = "event-loop"
    title = "The events go round in a circle"
    retryable = False


class CallerError(GatehouseError):
    """The caller can fix it; sending the same again fails again."""

    status = 400
    slug = "bad-request"
    title = "The request cannot be served"
    retryable = False


class MalformedRequest(CallerError):
    """The body, a header or a parameter could not be read at all."""

    slug = "malformed-request"
    title = "The request cannot be read"


class FlagNotEvaluated(CallerError):
    """A flag's value cannot be told from what was sent; the code is OpenFeature's name for it."""

    slug = "flag-not-evaluated"
    title = "The flag cannot be evaluated"

    def __init__(self, detail: str, *, code: FlagErrorCode = "INVALID_CONTEXT") -> None:
        super().__init__(detail)
        self.code = code


class Unauthenticated(CallerError):
    """The token is missing, or is not one that this gatehouse accepts."""

    status = 401
    slug = "unauthenticated"
    title = "The token is not accepted"


class AccessDenied(CallerError):
    """The caller is known, but may not do this."""

    status = 403
    slug = "access-denied"
    title = "Access denied"


class TeamSwitchedOff(CallerError):
    """The team's kill switch is on."""

    status = 403
    slug = "team-switched-off"
    title = "The team is switched off"


class NotFound(CallerError):
    """There is no such thing, or it belongs to another team."""

    status = 404
    slug = "not-found"
    title = "Not found"


class UnknownAgent(NotFound):
    """No agent has this name here."""

    slug = "unknown-agent"
    title = "There is no such agent"


class FlagNotFound(NotFound):
    """No flag has this name here."""

    slug = "flag-not-found"
    title = "There is no such flag"


class MethodNotAllowed(CallerError):
    """The route exists, but not with this method."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"


class RunInProgress(CallerError):
    """The same idempotency key is being worked on at this moment."""

    status = 409
    slug = "run-in-progress"
    title = "This run is still in progress"
    retryable = True


class PayloadTooLarge(CallerError):
    """The body is larger than the gateway or the agent takes."""

    status = 413
    slug = "payload-too-large"
    title = "The request is too large"


class UnsupportedMediaType(CallerError):
    """The body is not JSON."""

    status = 415
    slug = "unsupported-media-type"
    title = "The body must be JSON"


class WrongZone(CallerError):
    """The caller's data may not be processed in this residency zone."""

    status = 421
    slug = "wrong-zone"
    title = "This is not your zone"

    def __init__(self, detail: str, *, base_url: str | None = None) -> None:
        super().__init__(detail)
        self.base_url = base_url

    def problem(self) -> JsonObject:
        return super().problem() | ({"base_url": self.base_url} if self.base_url else {})


class InvalidInput(CallerError):
    """The input was read, but does not fit the agent's contract."""

    status = 422
    slug = "invalid-input"
    title = "The input does not fit the contract"

    def __init__(self, detail: str, *, violations: Sequence[Violation] = ()) -> None:
        super().__init__(detail)
        self.violations = tuple(violations)

    def problem(self) -> JsonObject:
        return super().problem() | {"violations": list(self.violations)}


class PersonalDataFound(InvalidInput):
    """The input holds personal data of a kind that the agent refuses."""

    slug = "personal-data-found"
    title = "The input holds personal data that this agent refuses"


class CallbackNotAllowed(CallerError):
    """The result may not be sent there: the team's hosts, or public addresses, are others."""

    status = 422
    slug = "callback-not-allowed"
    title = "The result may not be sent there"


class IdempotencyKeyReused(CallerError):
    """The key was used before, with another body."""

    status = 422
    slug = "idempotency-key-reused"
    title = "The idempotency key belongs to another request"


class Throttled(CallerError):
    """The team sends faster than its tier allows; API Gateway answers so."""

    status = 429
    slug = "throttled"
    title = "Too many requests"
    retryable = True


class QuotaExceeded(CallerError):
    """The team used up its requests of this period; API Gateway answers so."""

    status = 429
    slug = "quota-exceeded"
    title = "The team's request quota is used up"


class BudgetExhausted(CallerError):
    """The money of the period is spent or promised; a limit is never passed."""

    status = 429
    slug = "budget-exhausted"
    title = "The budget of this period is used up"
    retryable = True


class UpstreamError(GatehouseError):
    """The caller can only wait."""

    status = 502
    slug = "upstream-failed"
    title = "A service behind the gatehouse failed"


class InvalidModelReply(UpstreamError):
    """The model's reply did not fit the contract, and neither did its one repair."""

    slug = "invalid-model-reply"
    title = "The model's reply does not fit the contract"


class ModelRefused(UpstreamError):
    """The model or its guardrail would not answer; asking again gets the same."""

    slug = "model-refused"
    title = "The model would not answer"
    retryable = False


class ReceiverFailed(UpstreamError):
    """A webhook's receiver could not be reached, or could not take it now."""

    slug = "receiver-failed"
    title = "The webhook's receiver failed"


class ReceiverRefused(UpstreamError):
    """A webhook's receiver does not want it, now or later."""

    slug = "receiver-refused"
    title = "The webhook's receiver refused it"
    retryable = False


class AgentSwitchedOff(UpstreamError):
    """The agent's kill switch is on."""

    status = 503
    slug = "agent-switched-off"
    title = "The agent is switched off"


class ModelUnavailable(UpstreamError):
    """No model of the agent could be reached in time."""

    status = 503
    slug = "model-unavailable"
    title = "The model is unavailable"


class ReducedCapacity(ModelUnavailable):
    """Every model of the agent failed, and no earlier answer could stand in."""

    slug = "temporary-reduced-capacity"
    title = "The agent's models are unavailable"


class StoreUnavailable(UpstreamError):
    """The gatehouse's own records could not be read or written."""

    status = 503
    slug = "store-unavailable"
    title = "The gatehouse's records are unavailable"


class OutOfTime(UpstreamError):
    """The run's time ended before its work did."""

    status = 504
    slug = "out-of-time"
    title = "The run did not finish in time"


def _tree(error: type[GatehouseError]) -> Iterator[type[GatehouseError]]:
    yield error
    for below in error.__subclasses__():
        yield from _tree(below)


BY_SLUG = {error.slug: error for error in _tree(GatehouseError)}
"""Every kind of error that there is."""
