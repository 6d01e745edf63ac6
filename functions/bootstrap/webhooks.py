"""What the function that sends results is made of."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import boto3

from functions import config
from functions.adapters.https import HttpsReceiver
from functions.adapters.webhook_secrets import SecretsManagerKeys
from functions.bootstrap.clients import QUICK, mailbox, records
from functions.bootstrap.surroundings import UNPREDICTABLE, now
from functions.bootstrap.telemetry import telemetry
from functions.domain.team import Teams
from functions.pipeline.deliver import Courier
from functions.pipeline.ports import Mailbox, Records, Telemetry
from functions.settings import WebhookSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """What the function that sends results needs."""

    records: Records
    courier: Courier
    mailbox: Mailbox
    telemetry: Telemetry
    teams: Teams
    now: Callable[[], datetime]
    jitter: Callable[[], float]


@cache
def webhook_parts() -> Webhooks:
    settings = WebhookSettings.from_env()
    secrets = boto3.client("secretsmanager", config=QUICK)
    return Webhooks(
        records=records(settings),
        courier=Courier(
            receiver=HttpsReceiver(ssl.create_default_context()),
            keys=SecretsManagerKeys(secrets, now),
            now=now,
        ),
        mailbox=mailbox(settings),
        telemetry=telemetry(),
        teams=config.teams(),
        now=now,
        jitter=UNPREDICTABLE.random,
    )
