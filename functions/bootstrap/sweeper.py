"""What the sweeper is made of."""

from functools import cache

from functions.adapters.sweep import DynamoSweep
from functions.bootstrap.clients import dynamodb, publisher
from functions.pipeline.ports import Publisher
from functions.settings import SweeperSettings


@cache
def sweeper_parts() -> tuple[SweeperSettings, DynamoSweep, Publisher]:
    """What the sweeper needs: its settings, the budgets and the topic."""
    settings = SweeperSettings.from_env()
    sweep = DynamoSweep(settings.budgets_table, dynamodb())
    return settings, sweep, publisher(settings.topic_arn)
