"""What runs use of AWS is as ``infra/measured.toml`` says it, on which ``docs/cost.md`` reckons."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from opentelemetry.exporter.otlp.json.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from functions import agents, config
from functions.adapters.books import DynamoBooks
from functions.adapters.breaker import LocalFallbackStore, PowertoolsBreaker
from functions.adapters.cache import DynamoCache
from functions.adapters.lines import Tables
from functions.adapters.memory import DynamoMemory, Objects
from functions.adapters.otel import OtelProvider
from functions.adapters.pace import DynamoPace
from functions.adapters.records import DynamoRecords
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.domain.names import RunId
from functions.domain.pricing import price_list
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller
from functions.pipeline.accept import keep_and_announce
from functions.pipeline.run import acceptance, pipeline
from infra.billing.runs import AUDIT_RECORD_BYTES, Used, used
from tests import fakes
from tests.capacity import Metered
from tests.integration.conftest import make_table
from tests.measured import logger_to

REMEDY = "write it into [runs] of infra/measured.toml, then run 'python -m infra.pages'"
AGENT, TEAM = "review_sentiment", "retail"
REPLY = '{"label": "positive", "intensity": "strong", "topics": ["tent", "weather"]}'
TEXT = (
    "We took this tent to the coast for a week and love it, says Maria Jansen. It kept us dry in a"
    " storm on the second night, and my two children could put it up alone. Review {}."
)


class Gatehouse:
    """A region's tables, and the pipeline as functions have it; only the model is a fake."""

    def __init__(self) -> None:
        for name, *keys in (
            ("memory", "id"),
            ("ledger", "pk", "sk"),
            ("budgets", "pk", "sk"),
            ("cache", "pk"),
            ("circuits", "id"),
            ("runs", "pk"),
            ("pace", "pk"),
        ):
            make_table(name, *keys)
        self.metered = Metered(boto3.client("dynamodb"))
        client: Any = self.metered
        nowhere = Objects("outcomes", lambda: boto3.client("s3"))
        self.spans = InMemorySpanExporter()
        provider = OtelProvider({"service.name": "http"}, SimpleSpanProcessor(self.spans))
        self.trail = fakes.FakeTrail()
        self.records = DynamoRecords("runs", client, nowhere)
        self.pace = DynamoPace("pace", client, lambda: datetime.now(UTC))
        tables = Tables("budgets", "ledger", "cache", "eu", "eu-central-1")
        circuits = LocalFallbackStore("circuits", client, Logger("usage"))
        parts = fakes.parts(
            agents=agents.load,
            memory=DynamoMemory("memory", client, nowhere, lambda: datetime.now(UTC)),
            trail=self.trail,
            telemetry=PowertoolsTelemetry(provider, "gatehouse", logger_to(io.StringIO())),
            model=fakes.FakeModel([REPLY]),
            allowed=config.zones().zones["eu"].models,
            cache=DynamoCache("cache", client, Logger("usage")),
            books=DynamoBooks(tables, client, pause=lambda seconds: None),
            breaker=PowertoolsBreaker(circuits, lambda model, state: None),
            prices=price_list("eu"),
            now=lambda: datetime.now(UTC),
        )
        self.run = pipeline(parts)
        announce = keep_and_announce(self.records, fakes.FakePublisher(), "/gatehouse/eu/runs")
        self.accept = acceptance(parts, announce)

    def used_by(self, act: Callable[[], Any]) -> Used:
        before = self.metered.used.copy()
        self.spans.clear()
        act()
        found = self.metered.used.since(before)
        written = encode_spans(self.spans.get_finished_spans()).to_json().encode()
        return Used(
            cpu_milliseconds=0,
            writes=found.writes,
            reads=found.reads,
            round_trips=found.round_trips,
            span_bytes=len(written),
        )


NUMBERS = count(1)


def run(number: int | None = None, *, channel: Any = "http", key: bool = False) -> Run:
    """A run like any other; one with the number of an earlier one asks the same."""
    each = next(NUMBERS)
    team = config.teams().teams[TEAM]
    at = datetime.now(UTC)
    review = {
        "review_id": f"rev-{number or each:05}",
        "product_id": "sku-48213",
        "text": TEXT.format(number or each),
    }
    caller = Caller(subject="service-shop", team=TEAM, zone="eu", roles=team.roles)
    return replace(
        fakes.run(input=review, agent=AGENT, team=team, caller=caller, channel=channel),
        id=RunId(f"run_{each:032x}"),
        received_at=at,
        deadline=at + timedelta(seconds=29),
        idempotency_key=f"shop:{each:08}" if key else None,
    )


@pytest.fixture
def gatehouse(aws: None) -> Gatehouse:
    made = Gatehouse()
    made.run(
        run(key=True)
    )  # the month's first run makes the team's budget and looks at the circuit
    return made


def check(kind: str, found: Used) -> None:
    told = used()[kind]
    for name in ("writes", "reads", "round_trips"):
        assert getattr(found, name) == getattr(told, name), f"{kind}, {found!r}: {REMEDY}"
    # Times are among what spans say, and are not of one length.
    assert found.span_bytes == pytest.approx(told.span_bytes, rel=0.05), f"{kind}: {REMEDY}"


def test_a_run_over_http_uses_what_the_page_says(gatehouse: Gatehouse):
    check("miss", gatehouse.used_by(lambda: gatehouse.run(run())))
    check("keyed", gatehouse.used_by(lambda: gatehouse.run(run(key=True))))
    gatehouse.run(run(7))
    check("hit", gatehouse.used_by(lambda: gatehouse.run(run(7))))


def test_a_run_from_an_event_uses_what_the_page_says(gatehouse: Gatehouse):
    limits = config.teams().tiers[config.teams().teams[TEAM].tier]

    def act() -> None:
        gatehouse.pace.book(TEAM, limits)
        gatehouse.run(run(channel="event", key=True))

    gatehouse.pace.book(TEAM, limits)
    check("event", gatehouse.used_by(act))


def test_a_run_that_is_done_later_uses_what_the_page_says(gatehouse: Gatehouse):
    def act() -> None:
        record = gatehouse.accept(run(channel="async", key=True))
        record = gatehouse.records.begin(record.team, record.id, datetime.now(UTC))
        outcome: Outcome = gatehouse.run(run(channel="async", key=True))
        gatehouse.records.succeed(record, outcome, datetime.now(UTC))
        gatehouse.records.find(record.team, record.id)

    check("later", gatehouse.used_by(act))


def test_an_audit_line_is_one_record_of_firehose(gatehouse: Gatehouse):
    """Firehose charges for 5 KB at least, and for the next 5 KB of a longer one."""
    gatehouse.run(run(key=True))
    (line,) = gatehouse.trail.lines[-1:]
    assert len(str(line).encode()) < AUDIT_RECORD_BYTES
