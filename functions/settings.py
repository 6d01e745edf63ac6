"""The environment of a function, typed: the stack writes it and the function reads it.

Both sides use the same class, so a renamed field cannot half-deploy. This is the one reader of the
environment.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from functions.domain.names import AgentName, RegionName, ZoneName
from functions.domain.zone import Issuer

PREFIX = "GATEHOUSE_"


class Settings(BaseModel):
    """What every function must know; subclasses add what their trigger needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zone: ZoneName
    region: RegionName
    stage: Annotated[str, Field(min_length=1)] = "prod"

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


class AuthorizerSettings(Settings):
    """For the authorizer: whose tokens it accepts."""

    issuers: Json[tuple[Issuer, ...]]
