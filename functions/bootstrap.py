"""The only place where ports meet adapters, and where AWS clients are built.

Each entrypoint calls one function of this module, once for each execution environment: everything
is cached, and nothing is built at import.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from functions import agents
from functions.adapters.bedrock import BedrockModel
from functions.adapters.ledger import DynamoLedger
from functions.adapters.memory import DynamoMemory
from functions.adapters.otel import OtelProvider
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.adapters.topic import SnsPublisher
from functions.domain.agent import AgentManifest
from functions.domain.pricing import price_list
from functions.pipeline.chain import Proceed
from functions.pipeline.ports import Publisher
from functions.pipeline.run import Parts, pipeline
from functions.settings import QueueSettings, RunSettings, Settings

SERVICE = "gatehouse"

QUICK = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
)
"""Our own records: a slow answer is a lost one."""

PATIENT = Config(connect_timeout=2, read_timeout=840, retries={"total_max_attempts": 1})
"""Models: the run's deadline bounds the call, and repeating it is the pipeline's decision."""


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


def _pipeline(settings: RunSettings) -> Proceed:
    dynamodb = boto3.client("dynamodb", config=QUICK)
    resource = {
        "service.name": SERVICE,
        "cloud.region": settings.region,
        "deployment.environment.name": settings.stage,
    }
    return pipeline(
        Parts(
            zone=settings.zone,
            agents=cache(agents.load),
            model=BedrockModel(boto3.client("bedrock-runtime", config=PATIENT)),
            memory=DynamoMemory(settings.memory_table, dynamodb, now),
            ledger=DynamoLedger(settings.ledger_table, dynamodb),
            telemetry=PowertoolsTelemetry(OtelProvider(resource), SERVICE, logger()),
            prices=price_list(),
            now=now,
        )
    )


@cache
def zone() -> str:
    """The residency zone of this stack."""
    return Settings.from_env().zone
