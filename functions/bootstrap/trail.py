"""The audit trail, for every function that executes runs."""

from functools import cache

import boto3
from botocore.config import Config

from functions.adapters.audit import FirehoseTrail
from functions.bootstrap.surroundings import logger
from functions.settings import RunSettings

HASTY = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 1},
    parameter_validation=False,
)
"""A caller waits for the line, and there is a second way for it: better than a second try."""


@cache
def trail(settings: RunSettings) -> FirehoseTrail:
    return FirehoseTrail(
        stream=settings.audit_stream,
        bucket=settings.audit_bucket,
        firehose=boto3.client("firehose", config=HASTY),
        objects=cache(lambda: boto3.client("s3", config=HASTY)),
        logger=logger(),
    )
