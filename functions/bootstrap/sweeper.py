"""What the sweeper is made of."""

from functools import cache

from functions.adapters.counters import PowertoolsCounters
from functions.adapters.sweep import DynamoSweep
from functions.bootstrap.clients import dynamodb, publisher
from functions.bootstrap.surroundings import logger
from functions.domain.metrics import SERVICE
from functions.pipeline.ports import Publisher
from functions.settings import SweeperSettings


@cache
def sweeper_parts() -> tuple[SweeperSettings, DynamoSweep, Publisher, PowertoolsCounters]:
    """What the sweeper needs: its settings, the budgets, the topic, and where it counts."""
    settings = SweeperSettings.from_env()
    sweep = DynamoSweep(settings.budgets_table, dynamodb())
    counters = PowertoolsCounters(SERVICE, logger())
    return settings, sweep, publisher(settings.topic_arn), counters
