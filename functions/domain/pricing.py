"""What a model call costs, in whole micro-USD.

Prices are data (``prices.toml``), by zone and model, with the moment from which they hold, so a run
is charged at the price of its time and an old month can be computed again. A model without a price
is refused at synth, and again before it is asked; it is never free.
"""

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)

from functions.domain.names import MicroUsd, ModelId, ZoneName

TOKENS_PER_PRICE = 1_000_000
"""Prices are per million tokens, as providers publish them."""
FILE = Path(__file__).with_name("prices.toml")


def _nothing(tokens: int) -> bool:
    return tokens == 0


def _midnight(value: Any) -> Any:
    """A day begins at midnight UTC, wherever the reader of the file sits."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value


Tokens = Annotated[int, Field(ge=0)]
Rate = Annotated[int, Field(gt=0)]
"""Micro-USD per million tokens."""
Moment = Annotated[
    AwareDatetime, BeforeValidator(_midnight), AfterValidator(lambda at: at.astimezone(UTC))
]


class Usage(BaseModel):
    """Tokens as the provider counted them; no token is in two of the kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_read_tokens: Tokens = 0
    """Of the prompt, taken from the provider's own prompt cache."""
    cache_write_tokens: Tokens = 0
    """Of the prompt, put into the provider's own prompt cache for some minutes."""
    cache_write_hour_tokens: Annotated[int, Field(ge=0, exclude_if=_nothing)] = 0
    """The same, for an hour: the gatehouse never asks for that, but a provider may report it."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            **{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields}
        )

    @property
    def total(self) -> int:
        return sum(self.by_kind().values())

    def by_kind(self) -> dict[str, int]:
        """Every kind of token by its name in a price, such as ``cache_read``."""
        return {n.removesuffix("_tokens"): getattr(self, n) for n in Usage.model_fields}


class Price(BaseModel):
    """What one model costs in one zone, from a moment on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zone: ZoneName
    model: ModelId
    since: Moment
    """A date means midnight UTC; a price that changes within a day has a time, too."""
    input: Rate
    output: Rate
    cache_read: Rate
    cache_write: Rate
    cache_write_hour: Rate
    source: Annotated[str, Field(min_length=1)]
    """Where the figures stand."""
    verified: date
    """When somebody last compared them with the source."""

    @property
    def version(self) -> str:
        """What a ledger line remembers of its price: the moment since which it holds."""
        return f"{self.since:%Y-%m-%dT%H:%M:%SZ}"

    def rate(self, kind: str) -> int:
        """Micro-USD per million tokens of a kind."""
        rate: int = getattr(self, kind)
        return rate

    def cost(self, usage: Usage) -> MicroUsd:
        """Rounded up: a fraction of a micro-dollar is never given away."""
        total = sum(tokens * self.rate(kind) for kind, tokens in usage.by_kind().items())
        return MicroUsd(-(-total // TOKENS_PER_PRICE))

    def most(self, *, input_tokens: int, output_tokens: int) -> MicroUsd:
        """No call of this size costs more, however the provider counts its input.

        An hour in the provider's cache is left out: it must be asked for, and nobody does.
        """
        dearest = max(self.input, self.cache_read, self.cache_write)
        total = input_tokens * dearest + output_tokens * self.output
        return MicroUsd(-(-total // TOKENS_PER_PRICE))


class PriceList:
    """Finds the price of a model at a moment, in one zone.

    Raises:
        ValueError: two prices of a model begin at the same moment.
    """

    def __init__(self, prices: Iterable[Price]) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in sorted(prices, key=lambda p: p.since, reverse=True):
            earlier = self._by_model.setdefault(price.model, [])
            if earlier and (earlier[-1].since, earlier[-1].zone) == (price.since, price.zone):
                msg = (
                    f"prices.toml has two prices for the model {price.model!r} in the zone "
                    f"{price.zone} since {price.version}; a price that changes needs a later moment"
                )
                raise ValueError(msg)
            earlier.append(price)

    def __contains__(self, model: str) -> bool:
        return model in self._by_model

    def of(self, model: str, at: datetime) -> Price:
        """The price of a model at a moment.

        Raises:
            LookupError: the model has no price at that moment.
        """
        for price in self._by_model.get(model, ()):
            if price.since <= at:
                return price
        msg = f"functions/domain/prices.toml has no price for the model {model!r} at {at}"
        raise LookupError(msg)


def read_prices(text: str) -> tuple[Price, ...]:
    """Prices as ``prices.toml`` writes them."""
    return TypeAdapter(tuple[Price, ...]).validate_python(tomllib.loads(text)["price"])


@cache
def all_prices() -> tuple[Price, ...]:
    """The committed prices of all zones."""
    return read_prices(FILE.read_text(encoding="utf-8"))


@cache
def price_list(zone: str) -> PriceList:
    """The committed prices of a zone."""
    return PriceList(price for price in all_prices() if price.zone == zone)
