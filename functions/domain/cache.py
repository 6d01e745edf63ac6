"""Earlier answers of a model, found again by exactly the same question of the same team.

The team is part of the key, and there is no other way to make a key: reading another team's
answer cannot be written down.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from functions.domain import canonical


class CachePolicy(BaseModel):
    """What an agent allows its answers to be used for again."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ttl_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = 0
    """How long an answer is as good as a new one; 0 switches the cache off."""
    stale_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = 0
    """How much longer it may stand in when every model has failed; 0 forbids that."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Team, agent, its version, the model, and all that the model would be told."""

    team: str
    digest: str

    @classmethod
    def of(cls, *, team: str, agent: str, version: str, question: object) -> "CacheKey":
        text = canonical.write([team, agent, version, question])
        return cls(team, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A model's answer as it was given: placeholders still stand where personal data stood."""

    text: str
    model: str
    answered_by: str
    made_at: datetime
    fresh_until: datetime
    stale_until: datetime
