"""The only place where ports meet adapters, and where AWS clients are built.

Each entrypoint calls one function of this module, once for each execution environment: everything
is cached, and nothing is built at import.
"""

import random
import ssl
import time
from collections.abc import Callable
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
from functions.adapters.comprehend import ComprehendDetector
from functions.adapters.guardrails import GuardrailDetector
from functions.adapters.https import HttpsReceiver
from functions.adapters.lines import Tables
from functions.adapters.mailbox import SqsMailbox
from functions.adapters.memory import DynamoMemory, Objects
from functions.adapters.otel import OtelProvider
from functions.adapters.pace import DynamoPace
from functions.adapters.records import DynamoRecords
from functions.adapters.sweep import DynamoSweep
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.adapters.topic import SnsPublisher
from functions.adapters.webhook_secrets import SecretsManagerKeys
from functions.domain.agent import AgentManifest
from functions.domain.metrics import SERVICE
from functions.domain.pricing import price_list
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.domain.team import Teams
from functions.domain.zone import ComprehendDetection, GuardrailDetection, SecondDetector
from functions.pipeline.accept import keep_and_announce
from functions.pipeline.calls import Governors
from functions.pipeline.chain import Proceed
from functions.pipeline.deliver import Courier
from functions.pipeline.ports import (
    Detector,
    Mailbox,
    Pace,
    Publisher,
    Records,
    Switches,
    Telemetry,
)
from functions.pipeline.run import Parts, acceptance, pipeline
from functions.settings import (
    HttpSettings,
    QueueSettings,
    RunSettings,
    Settings,
    SweeperSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_dynamodb import DynamoDBClient

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
IMPATIENT = Config(
    connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Flags: the last that are known are better than a run that waits for the newest."""


@cache
def logger() -> Logger:
    logger = Logger(service=SERVICE)
    logger.remove_keys(["location"])  # every run is logged from the same line
    return logger


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """What the function behind the API needs."""

    runs: Proceed
    """Does a run now, with every agent of its bundle."""
    accept: Callable[[Run], RunRecord]
    """Has a run done later."""
    records: Records
    publisher: Publisher
    telemetry: Telemetry
    switches: Switches


@cache
def http() -> Http:
    settings = HttpSettings.from_env()
    parts = _parts(settings)
    records = _records(settings)
    publisher = _publisher(settings.topic_arn)
    announce = keep_and_announce(records, publisher, f"/gatehouse/{settings.zone}/runs")
    return Http(
        runs=pipeline(parts),
        accept=acceptance(parts, announce),
        records=records,
        publisher=publisher,
        telemetry=parts.telemetry,
        switches=parts.switches,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the function behind one agent's queue needs."""

    manifest: AgentManifest
    runs: Proceed
    records: Records
    publisher: Publisher
    mailbox: Mailbox
    pace: Pace
    telemetry: Telemetry
    teams: Teams
    source: str
    """Where the events that it answers with come from."""
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    """Evenly between 0 and 1."""


@cache
def queue() -> Queue:
    """The queue function's parts, for the agent of its bundle."""
    settings = QueueSettings.from_env()
    parts = _parts(settings)
    sqs = boto3.client("sqs", config=QUICK)
    return Queue(
        manifest=agents.load(settings.agent).manifest,
        runs=pipeline(parts),
        records=_records(settings),
        publisher=_publisher(settings.topic_arn),
        mailbox=SqsMailbox(settings.queue_url, settings.dead_letters_url, sqs),
        pace=DynamoPace(settings.pace_table, _dynamodb(), now),
        telemetry=parts.telemetry,
        teams=config.teams(),
        source=f"/gatehouse/{settings.zone}/{settings.agent}",
        now=now,
        jitter=UNPREDICTABLE.random,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What the function that sends results needs."""

    records: Records
    courier: Courier
    mailbox: Mailbox
    telemetry: Telemetry
    teams: Teams
    now: Callable[[], datetime]
    jitter: Callable[[], float]


@cache
def webhooks() -> Webhooks:
    settings = WebhookSettings.from_env()
    sqs = boto3.client("sqs", config=QUICK)
    secrets = boto3.client("secretsmanager", config=QUICK)
    return Webhooks(
        records=_records(settings),
        courier=Courier(
            receiver=HttpsReceiver(ssl.create_default_context()),
            keys=SecretsManagerKeys(secrets, now),
            now=now,
        ),
        mailbox=SqsMailbox(settings.queue_url, settings.dead_letters_url, sqs),
        telemetry=_telemetry(settings),
        teams=config.teams(),
        now=now,
        jitter=UNPREDICTABLE.random,
    )


@cache
def sweeper() -> tuple[SweeperSettings, DynamoSweep, Publisher]:
    """What the sweeper needs: its settings, the budgets and the topic."""
    settings = SweeperSettings.from_env()
    sweep = DynamoSweep(settings.budgets_table, _dynamodb())
    return settings, sweep, _publisher(settings.topic_arn)


@cache
def _dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=QUICK)


@cache
def _objects(bucket: str) -> Objects:
    return Objects(bucket, cache(lambda: boto3.client("s3", config=QUICK)))


def _publisher(topic_arn: str) -> Publisher:
    return SnsPublisher(topic_arn, cache(lambda: boto3.client("sns", config=QUICK)))


def _records(settings: HttpSettings | WebhookSettings) -> Records:
    return DynamoRecords(settings.runs_table, _dynamodb(), _objects(settings.outcomes_bucket))


def _parts(settings: RunSettings) -> Parts:
    dynamodb = _dynamodb()
    here = config.zones().zones[settings.zone]
    telemetry = _telemetry(settings)
    objects = _objects(settings.outcomes_bucket)
    tables = Tables(settings.budgets_table, settings.ledger_table, settings.cache_table)
    circuits = LocalFallbackStore(settings.circuits_table, dynamodb, logger())
    return Parts(
        zone=here.name,
        homes=homes(),
        agents=cache(agents.load),
        switches=_switches(settings),
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
        second_detector=second_detector(
            here.second_detector, settings.region, telemetry.count_scan
        ),
    )


def _switches(settings: RunSettings) -> Switches:
    # Functions that run no agent need not load it; under SnapStart it is in the snapshot.
    from functions.adapters.switches import AppConfigSwitches, Configuration

    return AppConfigSwitches(
        Configuration(
            settings.flags_application, settings.flags_environment, settings.flags_profile
        ),
        lambda: boto3.client("appconfigdata", config=IMPATIENT),
        now,
        logger(),
    )


def _telemetry(settings: Settings) -> PowertoolsTelemetry:
    resource = {
        "service.name": SERVICE,
        "cloud.region": settings.region,
        "deployment.environment.name": settings.stage,
    }
    return PowertoolsTelemetry(OtelProvider(resource), SERVICE, logger())


def second_detector(
    named: SecondDetector | None, region: str, count: Callable[[str, int], None]
) -> Detector | None:
    """The service that the zone names, in this stack's own region."""
    match named:
        case ComprehendDetection(language=language, least_score=least):
            client = boto3.client("comprehend", region_name=region, config=QUICK)
            return ComprehendDetector(client, language, least, count)
        case GuardrailDetection(guardrails=guardrails):
            guardrail, _, version = guardrails[region].partition(":")
            bedrock = boto3.client("bedrock-runtime", region_name=region, config=QUICK)
            return GuardrailDetector(bedrock, guardrail, version, count)
        case None:
            return None


@cache
def _bedrock(read_timeout_seconds: int) -> "BedrockRuntimeClient":
    """A client is as patient as it was made: one for each of a few patiences."""
    patient = Config(
        connect_timeout=2, read_timeout=read_timeout_seconds, retries={"total_max_attempts": 1}
    )
    return boto3.client("bedrock-runtime", config=patient)


@cache
def homes() -> dict[str, str]:
    """Each zone's base URL."""
    return {zone.name: str(zone.base_url) for zone in config.zones().zones.values()}


@cache
def zone() -> str:
    """The residency zone of this stack."""
    return Settings.from_env().zone
