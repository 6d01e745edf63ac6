"""Faults on demand: which calls of DynamoDB fail, how, and how often."""

import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from botocore.parsers import create_parser

from local.faults import PATH, Faults, Respond


def all_is_well(environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
    respond("200 OK", [])
    return [environ["wsgi.input"].read()]


def ask(app: Faults, body: bytes, **environ: str) -> tuple[int, bytes]:
    """Status and body of what the application answers."""
    said: list[str] = []
    given = {"PATH_INFO": "/", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body))}
    sent: dict[str, Any] = {**given, **environ, "wsgi.input": io.BytesIO(body)}
    answer = b"".join(app(sent, lambda status, _: said.append(status)))
    return int(said[0].split()[0]), answer


def tell(app: Faults, **fault: Any) -> int:
    return ask(app, json.dumps(fault).encode(), PATH_INFO=PATH, REQUEST_METHOD="PUT")[0]


def dynamodb(app: Faults, operation: str) -> tuple[int, bytes]:
    return ask(app, b"{}", HTTP_X_AMZ_TARGET=f"DynamoDB_20120810.{operation}")


@pytest.fixture
def app() -> Faults:
    return Faults(all_is_well)


def test_until_told_otherwise_everything_passes(app: Faults) -> None:
    assert dynamodb(app, "PutItem") == (200, b"{}")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttled", 400, "ProvisionedThroughputExceededException"),
        ("down", 500, "InternalServerError"),
    ],
)
def test_a_fault_is_worded_as_dynamodb_words_it(
    kind: str, status: int, code: str, app: Faults
) -> None:
    tell(app, kind=kind)
    found, body = dynamodb(app, "PutItem")
    parser: Any = create_parser("json")
    read = parser.parse({"status_code": found, "headers": {}, "body": body}, None)
    assert (found, read["Error"]["Code"]) == (status, code)


def test_only_the_named_operations_fail(app: Faults) -> None:
    tell(app, kind="down", operations=["UpdateItem"])
    assert [dynamodb(app, each)[0] for each in ("UpdateItem", "GetItem")] == [500, 200]


def test_other_services_are_left_alone(app: Faults) -> None:
    tell(app, kind="down")
    assert ask(app, b"{}", HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage")[0] == 200
    assert ask(app, b"Action=Publish")[0] == 200


def test_a_fault_can_end_by_itself_or_be_ended(app: Faults) -> None:
    tell(app, kind="throttled", times=2)
    assert [dynamodb(app, "GetItem")[0] for _ in range(3)] == [400, 400, 200]
    tell(app, kind="down")
    tell(app)
    assert dynamodb(app, "GetItem")[0] == 200


def test_what_is_done_may_stay_unheard() -> None:
    done: list[bytes] = []

    def write(environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        done.append(environ["wsgi.input"].read())
        return all_is_well(environ, respond)

    app = Faults(write)
    tell(app, kind="unheard", times=1)
    assert [dynamodb(app, "PutItem")[0] for _ in range(2)] == [500, 200]
    assert done == [b"{}", b"{}"]


def test_a_fault_that_nobody_knows_is_refused_and_changes_nothing(app: Faults) -> None:
    tell(app, kind="throttled")
    assert tell(app, kind="haunted") == 400
    assert dynamodb(app, "GetItem")[0] == 400
