"""What one governed run over HTTP costs this process, and which calls of AWS it makes.

The handler runs here, in this process, with everything switched on; DynamoDB (moto) and the model
(scripted) are other processes on loopback, so their CPU is not counted. The floor is one bare
boto3 ``converse`` against the same model.
"""

import itertools
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.measure import cpu_per_call
from benchmarks.report import Figure
from local.appconfig import AppConfigServer, Deployed
from local.aws import CREDENTIALS
from local.children import Nursery
from local.services import start_model, start_moto

REGION, ZONE, AGENT, TEAM = "eu-central-1", "eu", "review_sentiment", "retail"
TABLES = {
    "memory": ("id",),
    "ledger": ("pk", "sk"),
    "budgets": ("pk", "sk"),
    "cache": ("pk",),
    "circuits": ("id",),
    "runs": ("pk",),
}
AUDIT = "audit"
FLAGS = ("app", "live", "flags")
REPLY = {"label": "positive", "intensity": "strong", "topics": ["tent"]}
TEXT = "We took this tent to the coast for a week and love it, says Maria Jansen. Review {}."
TIMES, WARM_UP = 150, 20

Handle = Callable[[str, str | None], Any]


def figures() -> list[Figure]:
    """CPU of a bare call and of governed runs, then the round trips of each kind of run."""
    with quiet(), aws() as (bedrock, handle, trips):
        bare = cpu_per_call(lambda: _converse(bedrock), times=TIMES, warm_up=WARM_UP)
        numbers = itertools.count()
        kinds: dict[str, Callable[[], Any]] = {
            "cache miss": lambda: handle(TEXT.format(next(numbers)), None),
            "cache miss with a key": lambda: handle(
                TEXT.format(next(numbers)), f"key-{next(numbers)}"
            ),
            "cache hit": lambda: handle(TEXT.format("again"), None),
        }
        found = [Figure("bare boto3 converse", bare, "CPU ms", bare)]
        counted: list[Figure] = []
        for kind, call in kinds.items():
            cpu = cpu_per_call(call, times=TIMES, warm_up=WARM_UP)
            found.append(Figure(f"governed run, {kind}", cpu, "CPU ms", bare))
            trips.clear()
            call()
            counted += [Figure(f"  {kind}: {t}", n, "round trips", 1) for t, n in trips.items()]
    return found + counted


@contextmanager
def quiet() -> Iterator[None]:
    """The log line and the metrics of each run are written, and go nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


@contextmanager
def aws() -> Iterator[tuple[Any, Handle, Counter[str]]]:
    nursery = Nursery()
    try:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "script.json"
            script.write_text(json.dumps({"default": {"reply": REPLY}}), encoding="utf-8")
            moto = start_moto(nursery, "111122223333", _silent)
            model = start_model(nursery, f"scripted:{script}", _silent)
            flags = AppConfigServer(Path(folder), [Deployed(FLAGS, "flags", "{}")])
            try:
                yield _ready(moto.url, model.url, flags.url)
            finally:
                flags.stop()
    finally:
        nursery.stop()


def _ready(aws_url: str, model_url: str, flags_url: str) -> tuple[Any, Handle, Counter[str]]:
    """The handler as Lambda would have it, with its clients counting what they send."""
    os.environ |= {
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ENDPOINT_URL_APPCONFIGDATA": flags_url,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model_url,
        "GATEHOUSE_ZONE": ZONE,
        "GATEHOUSE_REGION": REGION,
        "GATEHOUSE_OUTCOMES_BUCKET": "outcomes",
        "GATEHOUSE_AUDIT_STREAM": AUDIT,
        "GATEHOUSE_AUDIT_BUCKET": AUDIT,
        "GATEHOUSE_TOPIC_ARN": "arn:aws:sns:eu-central-1:111122223333:events",
        "GATEHOUSE_FLAGS_APPLICATION": FLAGS[0],
        "GATEHOUSE_FLAGS_ENVIRONMENT": FLAGS[1],
        "GATEHOUSE_FLAGS_PROFILE": FLAGS[2],
        **{f"GATEHOUSE_{name.upper()}_TABLE": name for name in TABLES},
    }
    import boto3

    trips: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        trips[" ".join(event_name.split(".")[1:3])] += 1

    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-send", count)
    dynamodb = boto3.client("dynamodb")
    for name, keys in TABLES.items():
        _create(dynamodb, name, keys)
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName=AUDIT,
        S3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::111122223333:role/audit",
            "BucketARN": f"arn:aws:s3:::{AUDIT}",
        },
    )
    here: Any = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=AUDIT, CreateBucketConfiguration=here)
    from functions.entrypoints import http

    return boto3.client("bedrock-runtime"), _handler(http.handler), trips


def _handler(handler: Callable[[Any, Any], dict[str, Any]]) -> Handle:
    from functions import config

    team = config.teams().teams[TEAM]
    context = {"subject": "bench", "team": TEAM, "zone": ZONE, "roles": " ".join(team.roles)}
    numbers = itertools.count()

    def handle(text: str, key: str | None) -> Any:
        review = {"review_id": f"r-{next(numbers)}", "product_id": "p-1", "text": text}
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        event = {
            "resource": "/v1/agents/{agent}/run",
            "path": f"/v1/agents/{AGENT}/run",
            "httpMethod": "POST",
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": None,
            "pathParameters": {"agent": AGENT},
            "requestContext": {"authorizer": context, "requestId": "bench", "stage": "live"},
            "body": json.dumps({"input": review}),
            "isBase64Encoded": False,
        }
        deadline = datetime.now(UTC) + timedelta(seconds=29)
        reply = handler(event, _context(deadline))
        if reply["statusCode"] != HTTPStatus.OK:
            raise RuntimeError(reply["body"])
        return reply

    return handle


def _context(deadline: datetime) -> Any:
    def left() -> int:
        return int((deadline - datetime.now(UTC)).total_seconds() * 1000)

    return SimpleNamespace(aws_request_id="bench", get_remaining_time_in_millis=left)


def _converse(bedrock: Any) -> None:
    bedrock.converse(
        modelId="eu.anthropic.claude-haiku-4-5-20251001-v1:0",
        messages=[{"role": "user", "content": [{"text": TEXT}]}],
        inferenceConfig={"maxTokens": 64},
    )


def _create(dynamodb: Any, name: str, keys: tuple[str, ...]) -> None:
    kinds = ("HASH", "RANGE")[: len(keys)]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": k, "KeyType": kind} for k, kind in zip(keys, kinds, strict=True)
        ],
    )


def _silent(line: str) -> None:
    """What the stand-ins print is of no interest here."""
