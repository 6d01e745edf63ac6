"""What every function finds around it: its place, the time, chance, and where it tells things."""

import logging
import random
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from snapshot_restore_py import register_after_restore

from functions import config
from functions.adapters.counters import count_dropped_fields
from functions.adapters.log import hush_libraries, make_logger
from functions.domain.metrics import SERVICE
from functions.settings import LogSettings, Settings

UNPREDICTABLE = random.SystemRandom()
"""Jitter that is no part of a snapshot: restored environments must not come back in step."""


@cache
def logger() -> Logger:
    settings = LogSettings.from_env()
    hush_libraries(logging.getLogger())
    return make_logger(
        SERVICE,
        count_dropped_fields,
        level=settings.log_level,
        debug_share=settings.log_debug_share,
    )


# Powertools draws from ``random``, whose state is part of a snapshot: environments that are
# restored from it would all log the same of their calls at DEBUG.
register_after_restore(random.seed)


def begin(context: LambdaContext) -> None:
    """What is logged from now on belongs to this call of the function."""
    logger().append_keys(request_id=context.aws_request_id)
    logger().refresh_sample_rate_calculation()


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
