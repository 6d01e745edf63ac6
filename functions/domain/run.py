"""A run: one execution of an agent, whichever way it came in, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.domain.budget import Reservation
from functions.domain.cache import CachedAnswer, CacheKey
from functions.domain.names import UNASSIGNED, JsonObject, MicroUsd, RunId
from functions.domain.personal_data.placeholders import Placeholders
from functions.domain.pricing import Usage
from functions.domain.team import Caller, Team


@dataclass(frozen=True, slots=True)
class TraceContext:
    """W3C trace context as it came in, or as it is passed on."""

    traceparent: str
    tracestate: str | None = None

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]

    @property
    def span_id(self) -> str:
        return self.traceparent.split("-")[2]

    @property
    def headers(self) -> dict[str, str]:
        """As a request carries it."""
        state = {"tracestate": self.tracestate} if self.tracestate else {}
        return {"traceparent": self.traceparent, **state}


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model, charged whether or not its answer was of use."""

    model: str
    answered_by: str
    """The model that the provider says did the work: a router may have chosen another."""
    usage: Usage
    cost_micro_usd: MicroUsd
    latency_ms: int
    price_since: str
    """The version of the price, such as ``2025-10-15T00:00:00Z``."""
    stop_reason: str = "end_turn"
    """Why the model stopped, in the provider's word."""


CacheUse = Literal["off", "bypass", "miss", "hit", "stale"]
Circuit = Literal["passed", "open"]


class Meter:
    """Adds up what a run uses, also when the run fails: a failed call has been paid for.

    It also keeps what has to be written when the run ends, so that all of it is written at once.
    """

    def __init__(self) -> None:
        self.calls: list[ModelCall] = []
        self.reservations: list[Reservation] = []
        self.fresh_answers: list[tuple[CacheKey, CachedAnswer]] = []
        self.stages: dict[str, float] = {}
        """How long each stage took, in milliseconds, without the stages inside it."""
        self.inside_millis = 0.0
        """How long the stages took that have ended inside the present one."""
        self.circuit: Circuit | None = None
        """What the circuit of the model that was last wanted said."""
        self.switched_on: bool | None = None
        """What the agent's manifest and flag said to this caller, once they were asked."""
        self.downgraded = False
        """Whether the team's budget let the run ask the agent's cheap model only."""
        self.cache: CacheUse = "off"
        self.answer_age_seconds: int | None = None
        self.answer_from_cache: CachedAnswer | None = None
        self.remembering: Callable[[Outcome], JsonObject] | None = None
        """Makes the write by which an outcome is remembered, for the store that settles the run."""

    def add(self, call: ModelCall) -> None:
        self.calls.append(call)

    def reuse(self, answer: CachedAnswer, *, use: CacheUse, age_seconds: int) -> None:
        """A model was not asked: an earlier answer was as good, or had to be good enough."""
        self.cache, self.answer_age_seconds, self.answer_from_cache = use, age_seconds, answer

    def distrust(self, text: str) -> None:
        """An answer that did not fit its contract is kept for nobody."""
        self.fresh_answers = [kept for kept in self.fresh_answers if kept[1].text != text]

    @property
    def usage(self) -> Usage:
        return sum((call.usage for call in self.calls), Usage())

    @property
    def budget_left(self) -> MicroUsd | None:
        """What was left after the last promise, when there was one that told."""
        return self.reservations[-1].left if self.reservations else None

    @property
    def cost_micro_usd(self) -> MicroUsd:
        return MicroUsd(sum(call.cost_micro_usd for call in self.calls))

    @property
    def model(self) -> str | None:
        last = self.calls[-1] if self.calls else self.answer_from_cache
        return last.model if last else None

    @property
    def answered_by(self) -> str | None:
        last = self.calls[-1] if self.calls else self.answer_from_cache
        return last.answered_by if last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every way in is turned into, and all that the stages know about it."""

    id: RunId
    agent: str
    channel: Literal["http", "async", "event"]
    caller: Caller
    team: Team
    read: Callable[[], JsonObject]
    """Reads the input; called only when the run may be here, so nothing of it is seen before."""
    input: JsonObject = field(default_factory=dict)
    received_at: datetime
    deadline: datetime
    """When the function's time is over; nothing may still be unsettled then."""
    workflow: str = UNASSIGNED
    idempotency_key: str | None = None
    cache_read: bool = True
    cache_write: bool = True
    callback: str | None = None
    """Where the caller of an accepted run wants its result sent."""
    request_id: str | None = None
    """API Gateway's, of a run that came by HTTP."""
    trace: TraceContext | None = None
    """Its own span, as soon as it has one."""
    meter: Meter = field(default_factory=Meter)
    placeholders: Placeholders = field(default_factory=Placeholders)


class Outcome(BaseModel):
    """What came of a run: rendered as an HTTP reply or as a result event, and recorded."""

    # While a new version takes over, and after it was taken back, an older one reads its records.
    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())
    id: RunId
    agent: str
    version: str
    output: JsonObject
    model: str | None
    answered_by: str | None
    usage: Usage
    cost_micro_usd: MicroUsd
    cache: CacheUse
    age_seconds: int | None
    """How old the answer is that was used again, else absent."""
    trace_id: str | None
    span_id: str | None
    replayed: bool = Field(default=False, exclude=True)
    """True when this is the recorded outcome of an earlier, equal request."""
