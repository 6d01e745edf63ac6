"""Passing through to real Bedrock, which is played by a second, scripted endpoint."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from local.model.backends.bedrock import BedrockBackend
from local.model.choose import choose
from local.model.errors import ChoiceError
from tests.integration.model_endpoint import (
    ARN,
    MODEL,
    ScriptedModel,
    bedrock,
    parts_of,
    scripted_model,
    served,
    user,
)


@pytest.fixture(scope="module")
def real() -> Iterator[ScriptedModel]:
    with scripted_model() as real:
        yield real


@pytest.fixture(scope="module")
def client(real: ScriptedModel) -> Iterator[Any]:
    with bedrock(real.client.meta.endpoint_url) as upstream:
        backend = BedrockBackend(upstream)
        with served(backend) as url, bedrock(url) as client:
            yield client


def answer_of(client: Any, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.converse(modelId=ARN, **request)
    del answer["ResponseMetadata"]
    return answer


def test_a_call_and_its_answer_pass_unchanged(client: Any, real: ScriptedModel):
    real.plays({"reply": "As it is.", "latency_ms": 7})
    request = {"messages": user("Hello"), "requestMetadata": {"team": "payments"}}
    assert answer_of(client, **request) == answer_of(real.client, **request)
    through, direct = real.record()["calls"]
    assert through == direct
    assert through["request_metadata"] == {"team": "payments"}


def test_a_stream_passes_event_by_event(client: Any, real: ScriptedModel):
    real.plays({"reply": "One two three", "latency_ms": 7})
    through = client.converse_stream(modelId=MODEL, messages=user("Count"))
    direct = real.client.converse_stream(modelId=MODEL, messages=user("Count"))
    assert parts_of(through) == parts_of(direct)


def test_the_errors_of_bedrock_are_the_errors_of_the_endpoint(client: Any, real: ScriptedModel):
    real.plays({"error": "ThrottlingException", "message": "Slow down."})
    with pytest.raises(client.exceptions.ThrottlingException, match="Slow down"):
        client.converse(modelId=MODEL, messages=user("Hello"))


def test_an_error_in_the_middle_of_a_stream_passes_too(client: Any, real: ScriptedModel):
    real.plays({"reply": "So far", "error": "ServiceUnavailableException"})
    answer = client.converse_stream(modelId=MODEL, messages=user("Hello"))
    with closing(answer["stream"]) as stream, pytest.raises(ClientError) as failure:
        list(stream)
    assert failure.value.response["Error"]["Code"] == "serviceUnavailableException"


def test_tokens_are_counted_by_bedrock(client: Any, real: ScriptedModel):
    real.plays({"reply": "Hi"})
    counted = client.count_tokens(modelId=MODEL, input={"converse": {"messages": user("a b c")}})
    assert counted["inputTokens"] == 3


def test_bytes_arrive_at_bedrock_as_bytes_and_leave_it_as_base64():
    upstream = boto3.client(
        "bedrock-runtime",
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    thought = {"reasoningContent": {"redactedContent": b"\x01\x02"}}
    image = {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}}
    messages = [{"role": "user", "content": [image]}]
    response = {
        "output": {"message": {"role": "assistant", "content": [thought]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }
    with Stubber(upstream) as stub, served(BedrockBackend(upstream)) as url, bedrock(url) as client:
        stub.add_response("converse", response, {"modelId": MODEL, "messages": messages})
        answer = client.converse(modelId=MODEL, messages=messages)
    assert answer["output"]["message"]["content"] == [thought]
    assert answer["trace"]["promptRouter"]["invokedModelId"] == MODEL


def test_bytes_that_are_no_base64_are_refused(client: Any, real: ScriptedModel):
    image = {"image": {"format": "png", "source": {"bytes": "%%%"}}}
    body = {"messages": [{"role": "user", "content": [image]}]}
    url = client.meta.endpoint_url
    answer = real.http.post(f"{url}/model/{MODEL}/converse", json=body)
    assert answer.status_code == 400
    assert answer.json() == {"message": "Bytes in the body must be base64."}


def test_without_credentials_bedrock_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ChoiceError, match="run `aws configure`"):
        choose("bedrock")


def test_without_a_region_bedrock_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    with pytest.raises(ChoiceError, match="set AWS_REGION"):
        choose("bedrock")
