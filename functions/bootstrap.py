"""The only place where ports meet adapters, and where AWS clients are built.

Each entrypoint calls one function of this module, once for each execution environment: everything
is cached, and nothing is built at import.
"""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from functions import agents, config
from functions.adapters.bedrock import BedrockModel
from functions.adapters.books import DynamoBooks
from functions.adapters.breaker import LocalFallbackStore, PowertoolsBreaker
from functions.adapters.cache import DynamoCache
from functions.adapters.lines import Tables
from functions.adapters.memory import DynamoMemory, Objects
from functions.adapters.otel import OtelProvider
from functions.adapters.sweep import DynamoSweep
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.adapters.topic import SnsPublisher
from functions.domain.agent import AgentManifest
from functions.domain.pricing import price_list
from functions.pipeline.calls import Governors
from functions.pipeline.chain import Proceed
from functions.pipeline.ports import Publisher
from functions.pipeline.run import Parts, pipeline
from functions.settings import QueueSettings, RunSettings, Settings, SweeperSettings

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

SERVICE = "gatehouse"

UNPREDICTABLE = random.SystemRandom()
"""Jitter that is no part of a snapshot: restored environments must not come back in step."""

QUICK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    # A seventh of a call's CPU, for checking requests that only our own code writes; tests check.
    parameter_validation=False,
)
"""Our own records: a slow answer is a lost one."""


@cache
def logger() -> Logger:
    logger = Logger(service=SERVICE)
    logger.remove_keys(["location"])  # every run is logged from the same line
    return logger


def now() -> datetime:
    return datetime.now(UTC)


@cache
def runs() -> Proceed:
    """The pipeline of the http function, with every agent of its bundle."""
    return _pipeline(RunSettings.from_env())


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the function behind one agent's queue needs."""

    manifest: AgentManifest
    runs: Proceed
    publisher: Publisher
    source: str
    """Where the events that it answers with come from."""


@cache
def queue() -> Queue:
    """The queue function's parts, for the agent of its bundle."""
    settings = QueueSettings.from_env()
    return Queue(
        manifest=agents.load(settings.agent).manifest,
        runs=_pipeline(settings),
        publisher=SnsPublisher(settings.topic_arn, boto3.client("sns", config=QUICK)),
        source=f"/gatehouse/{settings.zone}/{settings.agent}",
    )


@cache
def sweeper() -> tuple[SweeperSettings, DynamoSweep, Publisher]:
    """What the sweeper needs: its settings, the budgets and the topic."""
    settings = SweeperSettings.from_env()
    sweep = DynamoSweep(settings.budgets_table, boto3.client("dynamodb", config=QUICK))
    return settings, sweep, SnsPublisher(settings.topic_arn, boto3.client("sns", config=QUICK))


def _pipeline(settings: RunSettings) -> Proceed:
    dynamodb = boto3.client("dynamodb", config=QUICK)
    here = config.zones().zones[settings.zone]
    resource = {
        "service.name": SERVICE,
        "cloud.region": settings.region,
        "deployment.environment.name": settings.stage,
    }
    telemetry = PowertoolsTelemetry(OtelProvider(resource), SERVICE, logger())
    tables = Tables(settings.budgets_table, settings.ledger_table, settings.cache_table)
    objects = Objects(settings.outcomes_bucket, cache(lambda: boto3.client("s3", config=QUICK)))
    circuits = LocalFallbackStore(settings.circuits_table, dynamodb, logger())
    return pipeline(
        Parts(
            zone=here.name,
            homes={zone.name: str(zone.base_url) for zone in config.zones().zones.values()},
            agents=cache(agents.load),
            memory=DynamoMemory(settings.memory_table, dynamodb, objects, now),
            telemetry=telemetry,
            governors=Governors(
                model=BedrockModel(_bedrock, now),
                allowed=here.models,
                cache=DynamoCache(settings.cache_table, dynamodb, logger()),
                books=DynamoBooks(tables, dynamodb, jitter=UNPREDICTABLE.random),
                breaker=PowertoolsBreaker(circuits, telemetry.count_circuit),
                prices=price_list(),
                now=now,
                pause=time.sleep,
                random=UNPREDICTABLE.random,
            ),
        )
    )


@cache
def _bedrock(read_timeout_seconds: int) -> "BedrockRuntimeClient":
    """A client is as patient as it was made: one for each of a few patiences."""
    patient = Config(
        connect_timeout=2, read_timeout=read_timeout_seconds, retries={"total_max_attempts": 1}
    )
    return boto3.client("bedrock-runtime", config=patient)


@cache
def zone() -> str:
    """The residency zone of this stack."""
    return Settings.from_env().zone
