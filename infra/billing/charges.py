"""Charges: so much of one thing that has a price, and what is told of them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat

from infra.prices import aws_prices

FILE = Path(__file__).with_name("assumed.toml")
MILLION = 1_000_000
SECONDS_PER_MONTH = 3600 * 730


@dataclass(frozen=True, slots=True)
class Charge:
    """Something of a month that AWS charges for."""

    part: str
    """What it is for, as the page says it."""
    item: str
    """Its name in ``aws_prices.toml``."""
    amount: float

    def cost(self, region: str) -> float:
        return aws_prices()[self.item].cost(self.amount, region)


class Assumption(BaseModel):
    """A number that nobody can measure before there is an account and real callers."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    value: NonNegativeFloat
    unit: str
    because: str = Field(min_length=1)


class Assumed(BaseModel):
    """All of them, as ``assumed.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    polls_per_minute: Assumption
    scheduled_seconds: Assumption
    restored_share: Assumption
    invocation_log_bytes: Assumption
    access_log_bytes: Assumption
    stored_share: Assumption
    reply_bytes: Assumption
    calls_per_decision: Assumption
    authorizer_milliseconds: Assumption
    model_seconds: Assumption
    round_trip_milliseconds: Assumption
    whole_core_megabytes: Assumption
    requests_per_message: Assumption
    input_tokens: Assumption
    output_tokens: Assumption


@cache
def assumed() -> Assumed:
    """The committed assumptions."""
    return Assumed.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


def summed(charges: Iterable[Charge]) -> dict[tuple[str, str], Charge]:
    """One charge for each thing and what it is for: tiers hold for all of a month together."""
    found: dict[tuple[str, str], Charge] = {}
    for charge in charges:
        key = charge.part, charge.item
        before = found[key].amount if key in found else 0.0
        found[key] = Charge(*key, before + charge.amount)
    return found


def total(charges: Iterable[Charge], region: str) -> float:
    """US dollars."""
    return sum(charge.cost(region) for charge in summed(charges).values())
