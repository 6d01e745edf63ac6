"""Usage in the columns of FOCUS 1.4, the FinOps Open Cost and Usage Specification.

A row is a day's tokens of one kind, of one part of the usage. List and contracted cost are quantity
times unit price, exactly. Billed and effective cost are what the ledger charged: it rounds each
call up to a whole micro-dollar, and what that adds stands in the part's dearest row. So the billed
cost of all rows is the ledger's total, to the micro-dollar.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from functions.domain.geography import foundation_model
from functions.domain.ledger import UNKNOWN, next_month
from functions.domain.pricing import TOKENS_PER_PRICE, Price, PriceList
from functions.domain.spreadsheet import Cell
from functions.domain.usage import CURRENCY, Part, Row

VERSION = "1.4"
PICO = Decimal(1_000_000_000_000)
"""A token costs so many parts of a dollar, times a whole number: nothing is ever rounded here."""
PICO_PER_MICRO = 1_000_000
TENTH = Decimal("0.1")
"""A quantity is a decimal, also to who reads its type off the text."""
METERS = {
    "input": "Input Tokens",
    "output": "Output Tokens",
    "cache_read": "Cache Read Tokens",
    "cache_write": "Cache Write Tokens",
    "cache_write_hour": "Cache Write Tokens, One Hour",
}
PROVIDER, HOST, SERVICE = "Agent Gatehouse", "AWS", "Amazon Bedrock"
TAG = "gatehouse:"
"""Before the keys of tags, as FOCUS wants it of tags that a provider defines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One row: the tokens of one kind."""

    part: Part
    account: str
    kind: str
    tokens: int
    price: Price
    billed_pico_usd: int


def charges(row: Row, account: str, prices: PriceList) -> Iterator[Charge]:
    """A part's tokens by kind; together they are billed what the ledger charged.

    Raises:
        LookupError: prices.toml no longer has the price at which the part was charged.
    """
    part, amount = row
    price = _price(part, prices)
    used = {kind: tokens for kind, tokens in amount.usage.by_kind().items() if tokens}
    listed = {kind: tokens * price.rate(kind) for kind, tokens in used.items()}
    dearest = max(listed, key=lambda kind: listed[kind], default=None)
    rounding = amount.cost_micro_usd * PICO_PER_MICRO - sum(listed.values())
    for kind, tokens in used.items():
        yield Charge(
            part=part,
            account=account,
            kind=kind,
            tokens=tokens,
            price=price,
            billed_pico_usd=listed[kind] + (rounding if kind == dearest else 0),
        )


def _price(part: Part, prices: PriceList) -> Price:
    """The price at which it was charged; of an old line, that of its day."""
    at = datetime.combine(part.day, time(), UTC)
    if part.price_since != UNKNOWN:
        at = datetime.fromisoformat(part.price_since)
    return prices.of(part.model, at)


def cells(charge: Charge) -> tuple[Cell, ...]:
    """The row, in the order of ``HEADER``."""
    return tuple(value(charge) for value in COLUMNS.values())


def _list_cost(charge: Charge) -> Decimal:
    return _exact(charge.tokens * charge.price.rate(charge.kind), PICO)


def _unit_price(charge: Charge) -> Decimal:
    return _exact(charge.price.rate(charge.kind), Decimal(PICO_PER_MICRO))


def _billed(charge: Charge) -> Decimal:
    return _exact(charge.billed_pico_usd, PICO)


def _exact(number: int, of: Decimal) -> Decimal:
    """Without zeros that say nothing, and never as a power of ten."""
    return Decimal(number) / of


def _midnight(day: date) -> str:
    return f"{day}T00:00:00Z"


def _sku(charge: Charge) -> str:
    return f"{foundation_model(charge.part.model)}/{charge.kind}"


def _tags(charge: Charge) -> str:
    part = charge.part
    names = ("team", "business_unit", "cost_centre", "workflow", "agent", "zone")
    return json.dumps({f"{TAG}{name}": getattr(part, name) for name in names}, ensure_ascii=False)


def _price_details(charge: Charge) -> str:
    return json.dumps({"x_ModelId": charge.part.model, "x_TokenKind": charge.kind})


COLUMNS: dict[str, Callable[[Charge], Cell]] = {
    "BilledCost": _billed,
    # A number of twelve digits would lose its leading zeros in whatever takes it for one.
    "BillingAccountId": lambda c: f"aws:{c.account}",
    "BillingAccountName": lambda c: f"{PROVIDER} {c.part.zone}",
    "BillingCurrency": lambda _: CURRENCY,
    "BillingPeriodEnd": lambda c: _midnight(next_month(c.part.day)),
    "BillingPeriodStart": lambda c: _midnight(c.part.day.replace(day=1)),
    "ChargeCategory": lambda _: "Usage",
    "ChargeClass": lambda _: None,
    "ChargeDescription": lambda c: f"{METERS[c.kind]} of {c.part.model}",
    "ChargeFrequency": lambda _: "Usage-Based",
    "ChargePeriodEnd": lambda c: _midnight(c.part.day + timedelta(days=1)),
    "ChargePeriodStart": lambda c: _midnight(c.part.day),
    "ConsumedQuantity": lambda c: Decimal(c.tokens).quantize(TENTH),
    "ConsumedUnit": lambda _: "Tokens",
    "ContractedCost": _list_cost,
    "ContractedUnitPrice": _unit_price,
    "EffectiveCost": _billed,
    "HostProviderName": lambda _: HOST,
    "InvoiceDetailId": lambda _: None,
    "InvoiceId": lambda _: None,
    "InvoiceIssuerName": lambda _: PROVIDER,
    "ListCost": _list_cost,
    "ListUnitPrice": _unit_price,
    "PricingCategory": lambda _: "Standard",
    "PricingQuantity": lambda c: _exact(c.tokens, Decimal(TOKENS_PER_PRICE)),
    "PricingUnit": lambda _: f"{TOKENS_PER_PRICE} Tokens",
    "RegionId": lambda c: c.part.region,
    "RegionName": lambda c: c.part.region,
    "ResourceId": lambda c: f"{c.part.zone}/{c.part.region}/agents/{c.part.agent}",
    "ResourceName": lambda c: c.part.agent,
    "ResourceType": lambda _: "Agent",
    "ServiceCategory": lambda _: "AI and Machine Learning",
    "ServiceName": lambda _: SERVICE,
    "ServiceProviderName": lambda _: PROVIDER,
    "ServiceSubcategory": lambda _: "Generative AI",
    "SkuId": _sku,
    "SkuMeter": lambda c: METERS[c.kind],
    "SkuPriceDetails": _price_details,
    "SkuPriceId": lambda c: f"{c.part.zone}/{_sku(c)}/{c.price.version}",
    "SubAccountId": lambda c: c.part.team,
    "SubAccountName": lambda c: c.part.team,
    "Tags": _tags,
    "x_Agent": lambda c: c.part.agent,
    "x_BusinessUnit": lambda c: c.part.business_unit,
    "x_CostCentre": lambda c: c.part.cost_centre,
    "x_ModelId": lambda c: c.part.model,
    "x_Workflow": lambda c: c.part.workflow,
    "x_Zone": lambda c: c.part.zone,
}
"""The columns of FOCUS in the order of its alphabet, then our own; tests hold them to the list."""
HEADER = tuple(COLUMNS)
