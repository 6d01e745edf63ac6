"""What a model call costs, in whole micro-USD.

Prices are data (``prices.toml``) with the day from which they hold, so a run is charged at the
price of its time and an old month can be computed again. A model without a price is refused at
synth; it is never free.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from functions.domain.names import MicroUsd, ModelId

TOKENS_PER_PRICE = 1_000_000
"""Prices are per million tokens, as providers publish them."""


class Usage(BaseModel):
    """Tokens as the provider counted them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
    cache_read_tokens: Annotated[int, Field(ge=0)] = 0
    """Of the prompt, taken from the provider's own prompt cache; not in ``input_tokens``."""
    cache_write_tokens: Annotated[int, Field(ge=0)] = 0
    """Of the prompt, put into the provider's own prompt cache; not in ``input_tokens``."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            **{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields}
        )


class Price(BaseModel):
    """Micro-USD per million tokens of one model, from a day on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    model: ModelId
    since: date
    input: Annotated[int, Field(gt=0)]
    output: Annotated[int, Field(gt=0)]
    cache_read: Annotated[int, Field(gt=0)]
    cache_write: Annotated[int, Field(gt=0)]
    source: str

    def cost(self, usage: Usage) -> MicroUsd:
        """Rounded up: a fraction of a micro-dollar is never given away."""
        total = (
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
        )
        return MicroUsd(-(-total // TOKENS_PER_PRICE))

    def most(self, *, input_tokens: int, output_tokens: int) -> MicroUsd:
        """No call of this size costs more, however the provider counts its input."""
        dearest = max(self.input, self.cache_read, self.cache_write)
        total = input_tokens * dearest + output_tokens * self.output
        return MicroUsd(-(-total // TOKENS_PER_PRICE))


class PriceList:
    """Finds the price of a model on a day."""

    def __init__(self, prices: tuple[Price, ...]) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in sorted(prices, key=lambda p: p.since, reverse=True):
            self._by_model.setdefault(price.model, []).append(price)

    def __contains__(self, model: str) -> bool:
        return model in self._by_model

    def of(self, model: str, day: date) -> Price:
        """The price of a model on a day.

        Raises:
            LookupError: the model has no price on that day.
        """
        for price in self._by_model.get(model, ()):
            if price.since <= day:
                return price
        msg = f"functions/domain/prices.toml has no price for the model {model!r} on {day}"
        raise LookupError(msg)


@cache
def price_list() -> PriceList:
    """The committed prices."""
    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text(encoding="utf-8"))
    return PriceList(TypeAdapter(tuple[Price, ...]).validate_python(data["price"]))
