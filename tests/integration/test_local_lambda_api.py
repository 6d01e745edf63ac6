"""Lambda's own API as the local stack plays it, through the client that AWS publishes."""

import json
from collections.abc import Iterator

import pytest

from local.aws import Aws
from local.invocation import Invocation, Reply, failure
from local.lambda_api import LambdaApi

ARN = "arn:aws:lambda:eu-central-1:111122223333:function:gatehouse-upkeep-Reconciler"
NAME = ARN.rpartition(":")[2]


@pytest.fixture
def calls() -> list[Invocation]:
    return []


@pytest.fixture
def aws(calls: list[Invocation]) -> Iterator[Aws]:
    def invoke(call: Invocation) -> Reply:
        calls.append(call)
        asked = json.loads(call.payload)
        return failure("KeyError", "no month") if asked == {} else Reply(call.payload)

    api = LambdaApi({ARN: "functions.entrypoints.reconciler.handler"}, invoke)
    yield Aws(api.url, "eu-central-1")
    api.stop()


def test_functions_are_listed_with_their_handlers(aws: Aws) -> None:
    (found,) = aws.client("lambda").list_functions()["Functions"]
    assert (found["FunctionName"], found["FunctionArn"]) == (NAME, ARN)
    assert found["Handler"] == "functions.entrypoints.reconciler.handler"


def test_a_function_is_called_by_its_name_or_arn_and_answers(
    aws: Aws, calls: list[Invocation]
) -> None:
    client = aws.client("lambda")
    for name in (NAME, ARN, f"{ARN}:live"):
        answered = client.invoke(FunctionName=name, Payload=b'{"month": "2026-11"}')
        assert json.loads(answered["Payload"].read()) == {"month": "2026-11"}
        assert "FunctionError" not in answered
    assert {call.arn for call in calls} == {ARN}


def test_a_function_s_own_failure_is_marked_as_lambda_marks_it(aws: Aws) -> None:
    answered = aws.client("lambda").invoke(FunctionName=NAME, Qualifier="live")

    assert answered["FunctionError"] == "Unhandled"
    assert json.loads(answered["Payload"].read())["errorType"] == "KeyError"


def test_a_function_that_nobody_deployed_is_not_found(aws: Aws) -> None:
    client = aws.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="another")
