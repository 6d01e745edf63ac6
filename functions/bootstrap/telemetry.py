"""Where functions that run agents, or send what came of it, tell what they do."""

from functools import cache

from functions.adapters.telemetry import PowertoolsTelemetry
from functions.bootstrap.surroundings import logger
from functions.bootstrap.tracing import provider
from functions.domain.metrics import SERVICE


@cache
def telemetry() -> PowertoolsTelemetry:
    return PowertoolsTelemetry(provider(), SERVICE, logger())
