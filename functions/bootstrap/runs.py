"""What every function that executes runs is made of."""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from functions import agents, config
from functions.adapters.bedrock import BedrockModel, Called, by_its_own_id
from functions.adapters.books import DynamoBooks
from functions.adapters.breaker import LocalFallbackStore, PowertoolsBreaker
from functions.adapters.cache import DynamoCache
from functions.adapters.comprehend import ComprehendDetector
from functions.adapters.guardrails import GuardrailDetector
from functions.adapters.inference_profiles import InferenceProfiles
from functions.adapters.lines import Tables
from functions.adapters.memory import DynamoMemory
from functions.adapters.switches import AppConfigSwitches, Configuration
from functions.bootstrap.clients import QUICK, dynamodb, objects
from functions.bootstrap.surroundings import UNPREDICTABLE, homes, logger, now
from functions.bootstrap.telemetry import telemetry
from functions.bootstrap.trail import trail
from functions.domain.pricing import price_list
from functions.domain.zone import ComprehendDetection, GuardrailDetection, SecondDetector, Zone
from functions.pipeline.calls import Governors
from functions.pipeline.ports import Detector, Switches
from functions.pipeline.run import Parts
from functions.settings import RunSettings

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

IMPATIENT = Config(
    connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2}
)
"""Flags and profiles: the last that are known are better than a run that waits for the newest."""


def run_parts(settings: RunSettings) -> Parts:
    here = config.zones().zones[settings.zone]
    watch = telemetry()
    tables = Tables(
        budgets=settings.budgets_table,
        ledger=settings.ledger_table,
        cache=settings.cache_table,
        zone=settings.zone,
        region=settings.region,
    )
    circuits = LocalFallbackStore(settings.circuits_table, dynamodb(), logger())
    return Parts(
        zone=here.name,
        region=settings.region,
        homes=homes(),
        agents=cache(agents.load),
        switches=_switches(settings),
        memory=DynamoMemory(
            settings.memory_table, dynamodb(), objects(settings.outcomes_bucket), now
        ),
        telemetry=watch,
        trail=trail(settings),
        governors=Governors(
            model=BedrockModel(_bedrock, now, _called(here)),
            allowed=here.models,
            cache=DynamoCache(settings.cache_table, dynamodb(), logger()),
            books=DynamoBooks(tables, dynamodb(), jitter=UNPREDICTABLE.random),
            breaker=PowertoolsBreaker(circuits, watch.count_circuit),
            prices=price_list(here.name),
            now=now,
            pause=time.sleep,
            random=UNPREDICTABLE.random,
        ),
        second_detector=second_detector(here.second_detector, settings.region, watch.count_scan),
    )


def _called(zone: Zone) -> Called:
    """What a call names: the model, or its business unit's inference profile of it."""
    if not zone.inference_profiles:
        return by_its_own_id
    client = cache(lambda: boto3.client("ssm", config=IMPATIENT))
    return InferenceProfiles(client, zone.name, now, logger()).called


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


def _switches(settings: RunSettings) -> Switches:
    return AppConfigSwitches(
        Configuration(
            settings.flags_application, settings.flags_environment, settings.flags_profile
        ),
        lambda: boto3.client("appconfigdata", config=IMPATIENT),
        now,
        logger(),
    )


@cache
def _bedrock(read_timeout_seconds: int) -> "BedrockRuntimeClient":
    """A client is as patient as it was made: one for each of a few patiences."""
    patient = Config(
        connect_timeout=2, read_timeout=read_timeout_seconds, retries={"total_max_attempts": 1}
    )
    return boto3.client("bedrock-runtime", config=patient)
