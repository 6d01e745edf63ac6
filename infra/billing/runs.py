"""What a million runs cost besides their models, by the way in and by what AWS charges for.

What a run uses is measured (``infra/measured.toml``) or assumed (``assumed.toml``), and counted by
the way that it goes: how many requests, calls of functions and messages it takes.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from functions.domain.pricing import Usage, price_list
from infra.billing.charges import MILLION, Charge, assumed
from infra.cost import BYTES_PER_GB, FILE, log_bytes

MEMORY_MB = 1024
"""Of the functions that a run meets; `tests/infra/test_cost.py` compares it with the templates."""
AUDIT_RECORD_BYTES = 5 * 1024
"""Firehose counts every record as a multiple of it."""
MONTHS_KEPT = 3
"""Logs; a stage may keep them for less."""
MODELS: Mapping[str, str] = MappingProxyType(
    {
        "eu": "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        "us": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    }
)
"""The model that the page reckons with, by zone."""


class Used(BaseModel):
    """What one run was measured to use."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cpu_milliseconds: NonNegativeFloat
    writes: NonNegativeFloat
    reads: NonNegativeFloat
    round_trips: NonNegativeInt
    span_bytes: NonNegativeInt


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a run comes in and goes out."""

    title: str
    used: str
    """Its name in ``measured.toml``."""
    requests: int = 0
    """Over HTTP, reading the result of a run that is done later included."""
    messages: int = 0
    """That a queue function takes."""
    published: int = 0
    """On the topic, its own and its answer."""
    lines: int = 1
    """In the log and in the audit trail: a run that is accepted is told of twice."""
    asks_a_model: bool = True


WAYS = (
    Way(title="over HTTP", used="miss", requests=1),
    Way(title="over HTTP with a key", used="keyed", requests=1),
    Way(title="over HTTP, answered from the cache", used="hit", requests=1, asks_a_model=False),
    Way(title="from an event", used="event", messages=1, published=2),
    Way(title="over HTTP, done later", used="later", requests=2, messages=1, published=2, lines=2),
)


@cache
def used() -> Mapping[str, Used]:
    """As measured, by the way."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["runs"]
    return MappingProxyType({name: Used.model_validate(entry) for name, entry in told.items()})


def charges(way: Way) -> list[Charge]:
    """Of a million runs."""
    return [*_edge(way), *_functions(way), *_stores(way), *_watching(way)]


def _edge(way: Way) -> Iterator[Charge]:
    if way.requests:
        sent = way.requests * assumed().reply_bytes.value * MILLION / BYTES_PER_GB
        yield Charge("API Gateway", "rest-request", way.requests)
        yield Charge("API Gateway", "data-out", sent)
        yield Charge("firewall", "firewall-request", way.requests)
        decisions = way.requests / assumed().calls_per_decision.value
        busy = decisions * assumed().authorizer_milliseconds.value / 1000
        yield Charge("authorizer", "function-call", decisions)
        yield Charge("authorizer", "function-time", _gb(busy))


def _functions(way: Way) -> Iterator[Charge]:
    calls = way.requests + way.messages
    yield Charge("functions", "function-call", calls)
    yield Charge("functions", "function-time", _gb(seconds(way)))
    yield Charge("functions", "snapshot-restore", _gb(calls * assumed().restored_share.value))


def seconds(way: Way) -> float:
    """For which Lambda is paid: its own work, its round trips, and the wait for the model."""
    told, guess = used()[way.used], assumed()
    own = told.cpu_milliseconds * guess.whole_core_megabytes.value / MEMORY_MB
    trips = (told.round_trips + way.lines + way.published) * guess.round_trip_milliseconds.value
    model = guess.model_seconds.value if way.asks_a_model else 0
    return (own + trips) / 1000 + model


def _stores(way: Way) -> Iterator[Charge]:
    told = used()[way.used]
    yield Charge("tables", "table-write", told.writes)
    yield Charge("tables", "table-read", told.reads)
    if way.messages:
        yield Charge("topic and queues", "topic-message", way.published)
        requests = way.messages * assumed().requests_per_message.value
        yield Charge("topic and queues", "queue-request", requests)
    recorded = way.lines * AUDIT_RECORD_BYTES * MILLION / BYTES_PER_GB
    yield Charge("audit trail", "delivery", recorded)


def _watching(way: Way) -> Iterator[Charge]:
    calls = way.requests + way.messages
    written = way.lines * log_bytes().of_run + way.messages * log_bytes().of_event
    written += calls * int(assumed().invocation_log_bytes.value)
    written += way.requests * int(assumed().access_log_bytes.value)
    gigabytes = written * MILLION / BYTES_PER_GB
    kept = gigabytes * assumed().stored_share.value * MONTHS_KEPT
    yield Charge("logs and metrics", "lambda-log-ingestion", gigabytes)
    yield Charge("logs and metrics", "log-storage", kept)
    yield Charge("traces", "span", used()[way.used].span_bytes * MILLION / BYTES_PER_GB)


def model_cost(way: Way, zone: str, at: datetime | None = None) -> float:
    """US dollars for the models of a million runs, which the ledger has to the millionth."""
    if not way.asks_a_model:
        return 0.0
    tokens = Usage(
        input_tokens=int(assumed().input_tokens.value),
        output_tokens=int(assumed().output_tokens.value),
    )
    price = price_list(zone).of(MODELS[zone], at or datetime.now(UTC))
    return float(price.cost(tokens))


def _gb(each: float) -> float:
    """Million GB-seconds (or GB) of a million runs, of what each takes."""
    return each * MEMORY_MB / 1024
