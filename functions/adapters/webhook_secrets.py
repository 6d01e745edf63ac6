"""The keys that webhooks are signed with, from AWS Secrets Manager, which can rotate them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain import webhook
from functions.domain.errors import GatehouseError

KEPT = timedelta(minutes=5)
"""How long after its replacement a key may still be used."""


class SecretsManager(Protocol):
    """As much of boto3's client as is used."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]: ...  # noqa: N803  # AWS's name


class SecretsManagerKeys:
    """Implements :class:`functions.pipeline.deliver.WebhookKeys`."""

    def __init__(self, client: SecretsManager, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._kept: dict[str, tuple[datetime, Sequence[bytes]]] = {}

    def of(self, team: str) -> Sequence[bytes]:
        now = self._now()
        until, keys = self._kept.get(team, (now, ()))
        if now >= until:
            keys = self._read(webhook.secret_name(team))
            self._kept[team] = (now + KEPT, keys)
        return keys

    def _read(self, name: str) -> Sequence[bytes]:
        try:
            secret = self._client.get_secret_value(SecretId=name)["SecretString"]
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, f"The secret {name}") from error
        try:
            return webhook.keys(secret)
        except ValueError as error:
            msg = f"The secret {name} cannot be signed with: {error}."
            raise GatehouseError(msg) from None
