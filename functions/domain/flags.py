"""Flags: which there are, what their rules may ask about a caller, and what is decided.

The rules themselves are written as Powertools' feature flags have them. Every agent has a flag of
its own, ``agent.<name>``, whether or not anybody wrote one.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from functions.domain.names import JsonObject
from functions.domain.team import Caller

AGENT = "agent."
"""Before an agent's name in the name of its flag."""
TARGETING_KEY = "targetingKey"
"""OpenFeature's name for whoever a flag is evaluated for."""
BUCKET = "bucket"
BUCKETS = 100
OWN = frozenset({"team", "zone", "roles", BUCKET})
"""What rules may ask of every caller. It is found, never sent: nobody can pass for another team."""

Reason = Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED"]
"""OpenFeature's names for why a flag has its value."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A flag's value for one caller, and where it comes from."""

    value: Any
    variant: str
    reason: Reason


def agent_flag(agent: str) -> str:
    return AGENT + agent


def traits(caller: Caller) -> JsonObject:
    """What rules may ask of a caller, less the bucket, which is another for each flag."""
    return {"team": caller.team, "zone": caller.zone, "roles": sorted(caller.roles)}


def bucket(flag: str, targeting_key: str) -> int:
    """Where a key falls among 100 equal parts: the same for ever, and for each flag anew.

    Were it not anew, the same tenth of all users would be the first to meet every novelty.
    """
    digest = hashlib.sha256(f"{flag}\0{targeting_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS
