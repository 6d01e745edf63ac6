"""Whatever Firehose does, a run has its line in the trail, or an alarm is told that it has none."""

import io
import json
import random
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.adapters.audit import FirehoseTrail
from functions.adapters.log import make_logger
from functions.domain.audit import AuditLine, Who
from functions.domain.errors import StoreUnavailable, UnknownAgent
from functions.domain.metrics import AUDIT_DEFERRED, AUDIT_LOST
from functions.domain.names import JsonObject, RunId
from functions.pipeline.run import pipeline
from tests import fakes
from tests.integration.conftest import REGION

STREAM, BUCKET = "audit", "audit-lines"
THROTTLED = ClientError({"Error": {"Code": "ServiceUnavailableException"}}, "PutRecordBatch")
HOW = ("takes", "half", "throttles", "down")
"""What Firehose does to a call; with ``down``, S3 does the same."""
RUNS = 300


@dataclass
class ShakyFirehose:
    """Keeps what it takes; each call goes as the next of ``how`` says."""

    how: Iterator[str]
    taken: list[JsonObject] = field(default_factory=list)
    now: str = "takes"

    def put_record_batch(self, *, DeliveryStreamName: str, Records: Sequence[Any]) -> Any:  # noqa: N803
        self.now = next(self.how)
        if self.now in {"throttles", "down"}:
            raise THROTTLED
        took = [self.now == "takes" or number % 2 == 1 for number in range(len(Records))]
        self.taken += [
            json.loads(record["Data"]) for record, ok in zip(Records, took, strict=True) if ok
        ]
        responses = [{} if ok else {"ErrorCode": "ServiceUnavailableException"} for ok in took]
        return {"FailedPutCount": took.count(False), "RequestResponses": responses}


@dataclass
class ShakyBucket:
    firehose: ShakyFirehose
    objects: dict[str, str] = field(default_factory=dict)

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        if self.firehose.now == "down":
            raise THROTTLED
        self.objects[Key] = Body.decode()

    @property
    def lines(self) -> list[JsonObject]:
        return [json.loads(line) for text in self.objects.values() for line in text.splitlines()]


def trail(firehose: Any, objects: Any, log: io.StringIO | None = None) -> FirehoseTrail:
    # Loggers of one name are one logger, with the first one's stream.
    name = f"test-audit-{uuid.uuid4().hex}"
    logger: Logger = make_logger(name, lambda _: None, stream=log or io.StringIO())
    return FirehoseTrail(STREAM, BUCKET, firehose, lambda: objects, logger)


def line(number: int = 1) -> AuditLine:
    return AuditLine(
        id=f"{number:032x}",
        time=fakes.NOW,
        kind="run",
        zone="eu",
        region=REGION,
        who=Who(subject="wilhelmina@example.com"),
        channel="http",
        decision="answered",
        run=f"run_{number}",
    )


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in capsys.readouterr().out.splitlines():
        for name in (AUDIT_DEFERRED.name, AUDIT_LOST.name):
            found[name] = found.get(name, 0) + sum(json.loads(text).get(name, [0]))
    return {name: count for name, count in found.items() if count}


def test_lines_reach_the_bucket_as_json_one_below_the_other(aws: None):
    made_bucket()
    trail(boto3.client("firehose"), None).write([line(1), line(2)])
    assert [found["run"] for found in in_bucket()] == ["run_1", "run_2"]


def test_a_stream_that_is_not_there_sends_the_line_the_other_way(
    aws: None, capsys: pytest.CaptureFixture[str]
):
    made_bucket()
    boto3.client("firehose").delete_delivery_stream(DeliveryStreamName=STREAM)
    trail(boto3.client("firehose"), boto3.client("s3")).write([line()])

    (key,) = keys()
    assert key == f"deferred/2026/11/02/09/{1:032x}.json"
    assert [found["run"] for found in in_bucket()] == ["run_1"]
    assert counted(capsys) == {"AuditDeferred": 1}


def test_what_was_not_taken_of_a_batch_is_handed_over_once_more():
    firehose = ShakyFirehose(iter(["half", "takes"]))
    bucket = ShakyBucket(firehose)
    trail(firehose, bucket).write([line(1), line(2), line(3)])
    assert sorted(found["run"] for found in firehose.taken) == ["run_1", "run_2", "run_3"]
    assert not bucket.objects


def test_a_line_that_nothing_takes_is_in_the_log_without_its_subject(
    capsys: pytest.CaptureFixture[str],
):
    log, firehose = io.StringIO(), ShakyFirehose(iter(["down"]))
    named = line().model_copy(update={"event": "/wilhelmina 1"})
    with pytest.raises(StoreUnavailable):
        trail(firehose, ShakyBucket(firehose), log).write([named])

    (written,) = [json.loads(text) for text in log.getvalue().splitlines()]
    assert (written["level"], written["message"]) == ("ERROR", "audit line lost")
    assert json.loads(written["line"])["run"] == "run_1"
    assert "wilhelmina" not in log.getvalue()
    assert counted(capsys) == {"AuditLost": 1}


def test_a_firehose_that_hangs_is_left_after_a_moment():
    """The client's own patience, against a server that takes a request and never answers."""
    with hanging() as url:
        config = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
        client = boto3.client(
            "firehose",
            config=config,
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        bucket = ShakyBucket(ShakyFirehose(iter([])))
        trail(client, bucket).write([line()])
    assert [found["run"] for found in bucket.lines] == ["run_1"]


def test_of_many_runs_each_has_its_line_or_the_alarm_counts_it(
    capsys: pytest.CaptureFixture[str],
):
    drawn = random.Random(4711)
    firehose = ShakyFirehose(iter(lambda: drawn.choice(HOW), None))
    bucket, log = ShakyBucket(firehose), io.StringIO()
    runs = pipeline(fakes.parts(trail=trail(firehose, bucket, log)))
    ids = [RunId(f"run_{number:032x}") for number in range(RUNS)]
    for number, id_ in enumerate(ids):
        if number % 3:
            runs(fakes.run(id=id_))
        else:
            with pytest.raises(UnknownAgent):
                runs(fakes.run(id=id_, agent="nobody"))

    lost = [json.loads(json.loads(text)["line"])["run"] for text in log.getvalue().splitlines()]
    deferred = [found["run"] for found in bucket.lines]
    assert counted(capsys) == {"AuditDeferred": len(deferred), "AuditLost": len(lost)}
    assert min(len(lost), len(deferred), len(firehose.taken)) > RUNS / 10
    assert sorted([*(found["run"] for found in firehose.taken), *deferred, *lost]) == sorted(ids)


def made_bucket() -> None:
    location: Any = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{BUCKET}",
            "Prefix": "lines/",
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
        },
    )


def keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [each["Key"] for each in found]


def in_bucket() -> list[JsonObject]:
    s3 = boto3.client("s3")
    texts = (s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys())
    return [json.loads(text) for each in texts for text in each.splitlines()]


class hanging:  # noqa: N801  # a context manager
    """A server that reads and is silent until it is left."""

    def __enter__(self) -> str:
        left = self._left = threading.Event()

        class Silent(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                left.wait(30)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
