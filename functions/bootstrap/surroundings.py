"""What every function finds around it: its place, the time, chance, and where it tells things."""

import random
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools import Logger

from functions import config
from functions.adapters.otel import OtelProvider
from functions.adapters.telemetry import PowertoolsTelemetry
from functions.domain.metrics import SERVICE
from functions.settings import Settings

UNPREDICTABLE = random.SystemRandom()
"""Jitter that is no part of a snapshot: restored environments must not come back in step."""


@cache
def logger() -> Logger:
    logger = Logger(service=SERVICE)
    logger.remove_keys(["location"])  # every run is logged from the same line
    return logger


def telemetry(settings: Settings) -> PowertoolsTelemetry:
    resource = {
        "service.name": SERVICE,
        "cloud.region": settings.region,
        "deployment.environment.name": settings.stage,
    }
    return PowertoolsTelemetry(OtelProvider(resource), SERVICE, logger())


def now() -> datetime:
    return datetime.now(UTC)


@cache
def homes() -> dict[str, str]:
    """Each zone's base URL."""
    return {zone.name: str(zone.base_url) for zone in config.zones().zones.values()}


@cache
def zone() -> str:
    """The residency zone of this stack."""
    return Settings.from_env().zone
