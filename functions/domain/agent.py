"""What an agent is: a manifest that says what it may do, and one function that answers.

    functions/agents/<name>/agent.toml    → AgentManifest
    functions/agents/<name>/agent.py      → answer(request: Request, tools: Tools) -> Reply

The annotations of ``answer`` are the agent's contract: the type of ``request`` validates what comes
in, the return type what goes out, and both become the JSON schemas of the catalogue and of OpenAPI.
"""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from functions.domain.cache import CachePolicy
from functions.domain.names import AgentName, EventType, ModelId, RoleName, ZoneName
from functions.domain.objectives import Objectives
from functions.domain.personal_data.entities import EntityType
from functions.domain.personal_data.policy import Action, Policy
from functions.domain.prompt import Prompt

ReplyT = TypeVar("ReplyT", bound=BaseModel)

MOST_BYTES_PER_TOKEN = 16
"""No tokenizer's token is longer on average; a longer answer of a model is no answer."""
FRAME_BYTES = 16_384
"""What an agent's own code may add to a reply: field names, checks, reasons."""

GATEWAY_SECONDS = 29
"""API Gateway waits no longer for an answer; a slower agent is for events."""


NOT_PERSONAL = Field(json_schema_extra={"x-personal-data": "none"})
"""Marks a field of a reply as an id of the caller's own systems: it is passed on as it came."""


class AuditDemand(BaseModel):
    """How much an agent depends on the audit trail."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    required: bool = False
    """No reply leaves without its audit line: it is withheld, with 503, until the line is kept."""


class AgentTelemetry(BaseModel):
    """What an agent's spans show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    content: bool = False
    """Whether they hold what the model is told and says, with placeholders for personal data."""


class AgentManifest(BaseModel):
    """What ``agent.toml`` may say. Everything else about an agent follows from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: AgentName
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: Annotated[str, Field(min_length=3, max_length=60)]
    description: Annotated[str, Field(min_length=20, max_length=400)]
    owner: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    tags: frozenset[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]] = frozenset()
    roles: frozenset[RoleName] = Field(min_length=1)
    """Any one of these lets a caller in; nobody else is."""
    enabled: bool = True
    """The agent's kill switch: when false, every way in answers that it is switched off."""
    models: dict[ZoneName, tuple[ModelId, ...]] = Field(min_length=1)
    """By zone, in order of preference; the agent is deployed to these zones only."""
    cheap: dict[ZoneName, ModelId] = {}
    """By zone, the one of its models that is left to a team whose budget runs low."""
    max_output_tokens: Annotated[int, Field(ge=16, le=8192)] = 512
    temperature: Annotated[float, Field(ge=0, le=1)] = 0.0
    max_input_bytes: Annotated[int, Field(ge=256, le=200_000)] = 32_768
    """Of the input as JSON; it bounds what a run can cost before a model is asked."""
    timeout_seconds: Annotated[int, Field(ge=5, le=840)] = GATEWAY_SECONDS
    concurrency: Annotated[int, Field(ge=2, le=1000)] = 10
    """How many of its messages are worked on at the same time (SQS takes 2 to 1000)."""
    personal_data: Policy = Policy()
    """What a model may see of people; unless said otherwise, placeholders."""
    cache: CachePolicy = CachePolicy()
    audit: AuditDemand = AuditDemand()
    objectives: Objectives = Objectives()
    """What callers are promised; alarms tell when it is broken too fast."""
    telemetry: AgentTelemetry = AgentTelemetry()
    consumes: tuple[EventType, ...] = ()
    emits: EventType | None = None
    emits_version: Annotated[int, Field(ge=1)] = 1
    """Of the contract that the agent's reply follows."""
    examples: tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], ...] = ()
    """Samples that are shipped with the agent, as few-shot examples for its prompt."""

    @field_validator("name")
    @classmethod
    def _is_no_route(cls, name: str) -> str:
        if name == "search":
            msg = "the name 'search' is taken: GET /v1/agents/search finds agents"
            raise ValueError(msg)
        return name

    @model_validator(mode="after")
    def _is_cheap_with_a_model_of_its_own(self) -> Self:
        for zone, model in self.cheap.items():
            if model not in self.models.get(zone, ()):
                msg = f"cheap.{zone}: {model!r} is none of the agent's models of this zone"
                raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _emits_only_what_it_was_told(self) -> Self:
        if self.emits and not self.consumes:
            msg = "emits: an agent that consumes no event has nothing to answer with an event"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _shows_only_what_is_masked(self) -> Self:
        policy = self.personal_data
        passing = {kind for kind in EntityType if policy.action_for(kind) is Action.ALLOW}
        if self.telemetry.content and (named := sorted(passing - {EntityType.TITLE})):
            msg = (
                "telemetry: content is shown only where the model sees placeholders, and the "
                f"policy for personal data lets these pass: {', '.join(named)}"
            )
            raise ValueError(msg)
        return self

    @property
    def most_reply_bytes(self) -> int:
        """A longer reply is a fault of the agent: it can only repeat its input and its model."""
        return self.max_input_bytes + self.max_output_tokens * MOST_BYTES_PER_TOKEN + FRAME_BYTES

    def cheap_model(self, zone: str) -> ModelId:
        """What is left of its models when money runs low; unless said otherwise, the first."""
        return self.cheap.get(zone, self.models[zone][0])

    def allows(self, roles: frozenset[str]) -> bool:
        return not self.roles.isdisjoint(roles)


class Tools(Protocol):
    """What the gatehouse hands to an agent: the day and a governed model."""

    @property
    def today(self) -> date:
        """The day of the run, in UTC."""
        ...

    def ask(self, prompt: Prompt, reply: type[ReplyT]) -> ReplyT:
        """Ask the agent's model for a reply of this shape.

        The shape goes to the model as a JSON schema, and the reply is validated; a reply that does
        not fit is sent back once with what is wrong.

        Raises:
            InvalidModelReply: the repaired reply did not fit either.
            UpstreamError: the model refused, or could not be reached in time.
        """
        ...


Answer = Callable[[typing.Any, Tools], BaseModel]


@dataclass(frozen=True, slots=True)
class Agent:
    """A manifest together with its code and the contract that the code's annotations state."""

    manifest: AgentManifest
    answer: Answer
    request: type[BaseModel]
    reply: type[BaseModel]
    not_personal: frozenset[str] = frozenset()
    """The fields of the reply that are marked so."""

    @classmethod
    def of(cls, manifest: AgentManifest, answer: Answer) -> "Agent":
        """Read the contract off the annotations of ``answer``.

        Raises:
            TypeError: ``answer`` does not take a model and the tools, or returns no model.
        """
        hints = typing.get_type_hints(answer)
        reply = hints.pop("return", None)
        parameters = [hints.get(name) for name in inspect.signature(answer).parameters]
        match parameters, reply:
            case [type() as request, _], type() if issubclass(request, BaseModel):
                return cls(manifest, answer, request, reply, _not_personal(reply))
        msg = (
            f"functions/agents/{manifest.name}/agent.py: write "
            "'def answer(request: YourRequest, tools: Tools) -> YourReply', both pydantic models"
        )
        raise TypeError(msg)


def _not_personal(reply: type[BaseModel]) -> frozenset[str]:
    fields: dict[str, dict[str, object]] = reply.model_json_schema()["properties"]
    return frozenset(name for name, f in fields.items() if f.get("x-personal-data") == "none")
