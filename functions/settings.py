"""The environment of a function, typed: the stack writes it and the function reads it.

Both sides use the same class, so a renamed field cannot half-deploy. This is the one reader of the
environment.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

from functions.domain.issuer import Issuer
from functions.domain.log import LogLevel, Share
from functions.domain.names import AgentName, RegionName, ZoneName
from functions.domain.span_export import SpanExport

PREFIX = "GATEHOUSE_"
MOST_ISSUER_BYTES = 3500
"""Lambda gives all variables of a function 4 KB."""


def _fitting_together(issuers: tuple[Issuer, ...]) -> tuple[Issuer, ...]:
    names = [issuer.issuer for issuer in issuers]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"an issuer stands once, with all its audiences; named twice: {', '.join(twice)}"
        raise ValueError(msg)
    size = len(TypeAdapter(tuple[Issuer, ...]).dump_json(issuers, exclude_none=True))
    if size > MOST_ISSUER_BYTES:
        msg = (
            f"the issuers take {size} bytes and may take {MOST_ISSUER_BYTES}: let the identity "
            "provider send role names instead of mapping each group"
        )
        raise ValueError(msg)
    return issuers


def _from_json(given: object) -> object:
    return SpanExport.model_validate_json(given) if isinstance(given, str) else given


def _to_json(export: SpanExport | None) -> str | None:
    return export.model_dump_json(exclude_none=True) if export else None


class LogSettings(BaseModel):
    """How much a function logs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    log_level: LogLevel = "INFO"
    log_debug_share: Share = 0.0
    """Of a function's calls, those that log at DEBUG whatever the level."""

    def to_env(self) -> dict[str, str]:
        """What the stack puts into the function's environment. Absent values stay absent."""
        values = self.model_dump(mode="json", exclude_none=True, round_trip=True)
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the environment.

        Raises:
            ValueError: a variable is missing or wrong; the message names it, never its value.
        """
        source = os.environ if env is None else env
        fields = {f"{PREFIX}{name.upper()}": name for name in cls.model_fields}
        found = {fields[key]: value for key, value in source.items() if key in fields}
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            problems = [
                f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}"
                for e in error.errors(include_url=False, include_input=False)
            ]
            msg = "the function's environment is wrong: " + "; ".join(problems)
            raise ValueError(msg) from None


class Settings(LogSettings):
    """What every function must know; subclasses add what their trigger needs."""

    zone: ZoneName
    region: RegionName
    stage: Annotated[str, Field(min_length=1)] = "prod"
    traces: Annotated[SpanExport | None, BeforeValidator(_from_json), PlainSerializer(_to_json)] = (
        None
    )
    """Where spans go, as the zone says; nowhere when absent."""


class RunSettings(Settings):
    """For the functions that execute runs: where they remember and charge."""

    memory_table: Annotated[str, Field(min_length=1)]
    """Idempotency records, written by Powertools."""
    outcomes_bucket: Annotated[str, Field(min_length=1)]
    """Outcomes that are too large for such a record."""
    ledger_table: Annotated[str, Field(min_length=1)]
    budgets_table: Annotated[str, Field(min_length=1)]
    cache_table: Annotated[str, Field(min_length=1)]
    circuits_table: Annotated[str, Field(min_length=1)]
    audit_stream: Annotated[str, Field(min_length=1)]
    """Of Firehose, to which the audit trail's lines are handed."""
    audit_bucket: Annotated[str, Field(min_length=1)]
    """Where lines go that Firehose does not take."""
    flags_application: Annotated[str, Field(min_length=1)]
    """Of AppConfig, as the next two."""
    flags_environment: Annotated[str, Field(min_length=1)]
    flags_profile: Annotated[str, Field(min_length=1)]


class HttpSettings(RunSettings):
    """For the function behind the API: where it keeps and announces runs that it only accepts."""

    runs_table: Annotated[str, Field(min_length=1)]
    topic_arn: Annotated[str, Field(min_length=1)]


class QueueSettings(HttpSettings):
    """For the function behind one agent's queue: the agent, and where its messages go."""

    agent: AgentName
    queue_url: Annotated[str, Field(min_length=1)]
    dead_letters_url: Annotated[str, Field(min_length=1)]
    pace_table: Annotated[str, Field(min_length=1)]


class WebhookSettings(Settings):
    """For the function that sends results: where they are, and where its messages go."""

    runs_table: Annotated[str, Field(min_length=1)]
    outcomes_bucket: Annotated[str, Field(min_length=1)]
    queue_url: Annotated[str, Field(min_length=1)]
    dead_letters_url: Annotated[str, Field(min_length=1)]


class SweeperSettings(Settings):
    """For the sweeper: whose promises it looks through, and where it tells thresholds."""

    budgets_table: Annotated[str, Field(min_length=1)]
    topic_arn: Annotated[str, Field(min_length=1)]


class BudgetGuardSettings(Settings):
    """For the guard of budgets: whose word it takes, and where its messages go."""

    budgets_table: Annotated[str, Field(min_length=1)]
    topic_arn: Annotated[str, Field(min_length=1)]
    """On which the sweeper tells thresholds, and the guard what it did."""
    alarms_topic_arn: Annotated[str, Field(min_length=1)]
    """On which CloudWatch and AWS Budgets tell theirs."""
    queue_url: Annotated[str, Field(min_length=1)]
    dead_letters_url: Annotated[str, Field(min_length=1)]


class ReconcilerSettings(Settings):
    """For the reconciler: whose lines it compares with the provider's numbers."""

    ledger_table: Annotated[str, Field(min_length=1)]


class UsageSettings(Settings):
    """For the function that tells what was used: the ledger, and its sums of closed days."""

    ledger_table: Annotated[str, Field(min_length=1)]
    usage_table: Annotated[str, Field(min_length=1)]


class ExporterSettings(UsageSettings):
    """For the function that closes days: who spent, and where FinOps tools read it."""

    budgets_table: Annotated[str, Field(min_length=1)]
    exports_bucket: Annotated[str, Field(min_length=1)]


class AuthorizerSettings(Settings):
    """For the authorizer: whose tokens it accepts."""

    issuers: Json[Annotated[tuple[Issuer, ...], AfterValidator(_fitting_together)]]
