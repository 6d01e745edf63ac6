"""What the function that tells what was used is made of."""

from functools import cache

from functions import config
from functions.adapters.ledger import DynamoLedger
from functions.adapters.rollups import DynamoRollups
from functions.bootstrap.clients import dynamodb
from functions.bootstrap.surroundings import now
from functions.pipeline.usage import Accounts
from functions.settings import UsageSettings


@cache
def usage_parts() -> Accounts:
    settings = UsageSettings.from_env()
    return Accounts(
        ledger=DynamoLedger(settings.ledger_table, dynamodb()),
        rollups=DynamoRollups(settings.usage_table, dynamodb()),
        teams=config.teams().of_zone(settings.zone),
        now=now,
    )
