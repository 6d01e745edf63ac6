"""What AWS charges: committed figures with their source and the day on which they were read."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).with_name("aws_prices.toml")
DEFAULT = "default"

Usd = Annotated[float, Field(ge=0)]


class Tier(BaseModel):
    """A price that holds up to some amount in a month."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    up_to: Annotated[int, Field(gt=0)] | None = None
    """None holds for all that is more."""
    usd: dict[str, Usd]
    """By region."""

    def of(self, region: str) -> float | None:
        return self.usd.get(region, self.usd.get(DEFAULT))


class AwsPrice(BaseModel):
    """One thing that AWS charges for."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: str
    item: str
    unit: str
    tiers: tuple[Tier, ...] = Field(min_length=1)
    confirmed: tuple[str, ...]
    """The regions, or ``default``, whose figure was read in the source."""
    source: Annotated[str, Field(min_length=1)]
    read: date

    @model_validator(mode="after")
    def _last_tier_is_open(self) -> Self:
        bounds = [tier.up_to for tier in self.tiers]
        if bounds[-1] is not None or None in bounds[:-1]:
            msg = f"{self.item}: every tier but the last needs an up_to, and the last has none"
            raise ValueError(msg)
        return self

    def cost(self, amount: float, region: str) -> float:
        """What so many units of a month cost.

        Raises:
            LookupError: there is no price for the region.
        """
        total, below = 0.0, 0.0
        for tier in self.tiers:
            usd = tier.of(region)
            if usd is None:
                msg = f"aws_prices.toml has no price of {self.item} for {region}"
                raise LookupError(msg)
            top = amount if tier.up_to is None else min(amount, tier.up_to)
            total += max(0.0, top - below) * usd
            below = max(below, top)
        return total

    def is_confirmed(self, region: str) -> bool:
        own = any(region in tier.usd for tier in self.tiers)
        return (region if own else DEFAULT) in self.confirmed


def read_prices(text: str) -> dict[str, AwsPrice]:
    """Prices by item."""
    found = [AwsPrice.model_validate(entry) for entry in tomllib.loads(text)["price"]]
    return {price.item: price for price in found}


@cache
def aws_prices() -> dict[str, AwsPrice]:
    """The committed prices."""
    return read_prices(FILE.read_text(encoding="utf-8"))
