"""The keys of webhooks, as Secrets Manager keeps and rotates them."""

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from functions.adapters.webhook_secrets import SecretsManagerKeys
from functions.domain.errors import GatehouseError, StoreUnavailable
from tests import fakes

NAME = "gatehouse/webhooks/helpdesk"
FIRST, SECOND = "a1B2" * 11, "c3D4" * 11


class Store:
    """Secrets Manager on moto, and a clock that a test sets."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("secretsmanager")
        self.time = fakes.NOW
        self.keys = SecretsManagerKeys(self.client, self.now)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def store(aws: None) -> Store:
    return Store()


def test_a_new_key_is_used_after_five_minutes(store: Store):
    store.client.create_secret(Name=NAME, SecretString=FIRST)
    first = store.keys.of("helpdesk")
    store.client.put_secret_value(SecretId=NAME, SecretString=f"whsec_{SECOND} whsec_{FIRST}")
    store.time += timedelta(minutes=4, seconds=59)
    assert store.keys.of("helpdesk") == first
    store.time += timedelta(seconds=1)
    assert store.keys.of("helpdesk")[1:] == first


def test_a_team_without_a_secret_may_get_one_while_its_results_wait(store: Store):
    with pytest.raises(StoreUnavailable, match="ResourceNotFound"):
        store.keys.of("helpdesk")
    store.client.create_secret(Name=NAME, SecretString=FIRST)
    assert len(store.keys.of("helpdesk")) == 1


def test_a_secret_that_is_no_key_is_told_without_its_text(store: Store):
    store.client.create_secret(Name=NAME, SecretString="a password")
    with pytest.raises(GatehouseError, match=NAME) as refused:
        store.keys.of("helpdesk")
    assert "password" not in refused.value.detail
