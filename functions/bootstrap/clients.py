"""AWS clients, and the adapters that several functions build on them in one way."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from functions.adapters.mailbox import SqsMailbox
from functions.adapters.memory import Objects
from functions.adapters.records import DynamoRecords
from functions.adapters.topic import SnsPublisher
from functions.bootstrap.tracing import provider
from functions.settings import BudgetGuardSettings, HttpSettings, QueueSettings, WebhookSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

QUICK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    # A seventh of a call's CPU, for checking requests that only our own code writes; tests check.
    parameter_validation=False,
)
"""Our own records: a slow answer is a lost one."""


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=QUICK)


@cache
def objects(bucket: str) -> Objects:
    return Objects(bucket, cache(lambda: boto3.client("s3", config=QUICK)))


def publisher(topic_arn: str) -> SnsPublisher:
    client = cache(lambda: boto3.client("sns", config=QUICK))
    return SnsPublisher(topic_arn, client, provider())


def mailbox(settings: QueueSettings | WebhookSettings | BudgetGuardSettings) -> SqsMailbox:
    sqs = boto3.client("sqs", config=QUICK)
    return SqsMailbox(settings.queue_url, settings.dead_letters_url, sqs)


def records(settings: HttpSettings | WebhookSettings) -> DynamoRecords:
    return DynamoRecords(settings.runs_table, dynamodb(), objects(settings.outcomes_bucket))
