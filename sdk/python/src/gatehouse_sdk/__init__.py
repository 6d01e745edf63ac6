"""The Python client of Agent Gatehouse: runs agents, loses nothing, doubles nothing.

``Client`` and ``AsyncClient`` talk to the HTTP interface. ``gatehouse_sdk.queue`` keeps what cannot
be sent yet, ``gatehouse_sdk.context`` a conversation, ``gatehouse_sdk.flags`` knows what is on,
``gatehouse_sdk.opentelemetry`` reports, ``gatehouse_sdk.httpx`` is another transport; each is
imported only when used.
"""

from typing import TYPE_CHECKING, Any

from gatehouse_sdk._client import Client
from gatehouse_sdk._clock import Clock
from gatehouse_sdk._errors import (
    AccessDenied,
    AgentFailed,
    AgentSwitchedOff,
    BudgetExhausted,
    CallbackNotAllowed,
    CallerError,
    ConnectionFailed,
    EventLoop,
    Expired,
    FlagNotEvaluated,
    FlagNotFound,
    GatehouseError,
    IdempotencyKeyReused,
    InvalidInput,
    InvalidModelReply,
    MalformedReply,
    MalformedRequest,
    MethodNotAllowed,
    ModelRefused,
    ModelUnavailable,
    NotFound,
    OutOfTime,
    PayloadTooLarge,
    PersonalDataFound,
    QuotaExceeded,
    ReceiverFailed,
    ReceiverRefused,
    ReducedCapacity,
    RunInProgress,
    ScanFailed,
    StoreUnavailable,
    TeamSwitchedOff,
    Throttled,
    TimedOut,
    Unauthenticated,
    UnknownAgent,
    UnsupportedMediaType,
    UpstreamError,
    Violation,
    WrongZone,
)
from gatehouse_sdk._exchange import Limits
from gatehouse_sdk._hooks import (
    Attempt,
    CallFailed,
    Hooks,
    QueueChanged,
    RequestSent,
    ResponseReceived,
    RetryPlanned,
)
from gatehouse_sdk._results import BatchResult, Outcome, Published, Run
from gatehouse_sdk._transport import HttpTransport
from gatehouse_sdk._wire import AsyncTransport, Reply, Request, Transport

if TYPE_CHECKING:
    from gatehouse_sdk._async_client import AsyncClient

__version__ = "0.1.0"
__all__ = [
    "AccessDenied",
    "AgentFailed",
    "AgentSwitchedOff",
    "AsyncClient",
    "AsyncTransport",
    "Attempt",
    "BatchResult",
    "BudgetExhausted",
    "CallFailed",
    "CallbackNotAllowed",
    "CallerError",
    "Client",
    "Clock",
    "ConnectionFailed",
    "EventLoop",
    "Expired",
    "FlagNotEvaluated",
    "FlagNotFound",
    "GatehouseError",
    "Hooks",
    "HttpTransport",
    "IdempotencyKeyReused",
    "InvalidInput",
    "InvalidModelReply",
    "Limits",
    "MalformedReply",
    "MalformedRequest",
    "MethodNotAllowed",
    "ModelRefused",
    "ModelUnavailable",
    "NotFound",
    "OutOfTime",
    "Outcome",
    "PayloadTooLarge",
    "PersonalDataFound",
    "Published",
    "QueueChanged",
    "QuotaExceeded",
    "ReceiverFailed",
    "ReceiverRefused",
    "ReducedCapacity",
    "Reply",
    "Request",
    "RequestSent",
    "ResponseReceived",
    "RetryPlanned",
    "Run",
    "RunInProgress",
    "ScanFailed",
    "StoreUnavailable",
    "TeamSwitchedOff",
    "Throttled",
    "TimedOut",
    "Transport",
    "Unauthenticated",
    "UnknownAgent",
    "UnsupportedMediaType",
    "UpstreamError",
    "Violation",
    "WrongZone",
]


def __getattr__(name: str) -> Any:
    if name == "AsyncClient":
        from gatehouse_sdk._async_client import AsyncClient  # asyncio doubles the import's cost

        return AsyncClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
