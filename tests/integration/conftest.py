"""AWS in the test's own process: moto answers every client that is built inside ``aws``."""

from collections.abc import Iterator
from typing import Literal

import boto3
import pytest
from moto import mock_aws

from local.transactions import isolate

REGION = "eu-central-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    isolate()
    with mock_aws():
        yield


@pytest.fixture
def memory_table(aws: None) -> str:
    return make_table("memory", "id")


def make_table(name: str, *keys: str) -> str:
    """A table with a partition key and perhaps a sort key, all strings."""
    kinds: tuple[Literal["HASH"], Literal["RANGE"]] = ("HASH", "RANGE")
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, kinds[: len(keys)], strict=True)
        ],
    )
    return name
