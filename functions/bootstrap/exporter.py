"""What the function that closes days is made of."""

from functools import cache

import boto3

from functions import config
from functions.adapters.focus_exports import S3Exports
from functions.adapters.ledger import DynamoLedger
from functions.adapters.rollups import DynamoRollups
from functions.adapters.spenders import DynamoSpenders
from functions.bootstrap.clients import QUICK, dynamodb
from functions.domain.pricing import price_list
from functions.pipeline.closing import Closing
from functions.settings import ExporterSettings


@cache
def exporter_parts() -> Closing:
    settings = ExporterSettings.from_env()
    teams = config.teams().of_zone(settings.zone)
    return Closing(
        account=config.zones().zones[settings.zone].account,
        ledger=DynamoLedger(settings.ledger_table, dynamodb()),
        rollups=DynamoRollups(settings.usage_table, dynamodb()),
        spenders=DynamoSpenders(settings.budgets_table, dynamodb(), teams),
        exports=S3Exports(
            settings.exports_bucket,
            boto3.client("s3", config=QUICK),
            zone=settings.zone,
            region=settings.region,
        ),
        prices=price_list(settings.zone),
    )
