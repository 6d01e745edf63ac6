"""What Splunk gets of the audit trail, against a receiver of its shape; the bucket has it all."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest
from jsonschema import Draft202012Validator

from functions.domain.errors import UnknownAgent
from functions.domain.names import RunId
from functions.pipeline.run import pipeline
from infra.blueprint import ROOT
from local.splunk import FAILED, Collector, SplunkDelivery
from tests import fakes
from tests.integration.hec import TOKEN, Hec
from tests.integration.test_audit import BUCKET, in_bucket, keys, made_bucket, trail

SCHEMA = json.loads((ROOT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
RUNS = ["run_1", "run_2", "run_3"]


@dataclass
class Clock:
    """Time that passes only by waiting."""

    seconds: float = 0

    def now(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Sender:
    hec: Hec
    token: str = TOKEN
    clock: Clock = field(default_factory=Clock)

    def deliver(self, retry_seconds: float = 600) -> None:
        with httpx.Client(base_url=self.hec.url) as client:
            collector = Collector(client, self.token, 180, self.clock.now, self.clock.pause)
            delivery = SplunkDelivery(boto3.client("s3"), BUCKET, collector, retry_seconds)
            delivery.deliver()


@pytest.fixture
def hec() -> Iterator[Hec]:
    with Hec() as hec:
        yield hec


@pytest.fixture(autouse=True)
def done(aws: None) -> None:
    """Two runs that are answered and one that is refused, by way of Firehose."""
    made_bucket()
    lines = trail(boto3.client("firehose"), None)
    runs = pipeline(fakes.parts(trail=lines))
    for id_ in RUNS[:2]:
        runs(fakes.run(id=RunId(id_)))
    with pytest.raises(UnknownAgent):
        runs(fakes.run(id=RunId(RUNS[2]), agent="nobody"))


def ids(found: list[dict[str, Any]]) -> list[str]:
    return sorted(line["run"] for line in found)


def given_up() -> list[dict[str, Any]]:
    s3 = boto3.client("s3")
    texts = [
        s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
        for key in keys()
        if key.startswith(FAILED)
    ]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_splunk_indexes_every_line_once_and_the_bucket_has_them_all(hec: Hec):
    Sender(hec).deliver()
    assert ids(hec.indexed) == ids(in_bucket()) == RUNS
    for line in hec.indexed:
        Draft202012Validator(SCHEMA).validate(line)
    assert set(hec.requests) == {"/services/collector/raw", "/services/collector/ack"}


def test_a_splunk_that_is_down_for_a_while_gets_them_later(hec: Hec):
    hec.down = 5
    Sender(hec).deliver()
    assert ids(hec.indexed) == RUNS
    assert not given_up()


def test_what_is_not_acknowledged_in_time_is_sent_again(hec: Hec):
    hec.deaf = 1
    sender = Sender(hec)
    sender.deliver()
    assert sender.clock.seconds > 180
    assert ids(hec.indexed) == RUNS


def test_what_splunk_never_takes_is_put_aside_with_the_reason(hec: Hec):
    Sender(hec, token="another").deliver(retry_seconds=3)
    assert hec.indexed == []
    failed = given_up()
    put_aside = [json.loads(base64.b64decode(each["rawData"])) for each in failed]
    assert ids(put_aside) == RUNS
    assert {each["errorCode"] for each in failed} == {"Splunk.InvalidToken"}
    assert len([key for key in keys() if key.startswith("lines/")]) == len(RUNS)
