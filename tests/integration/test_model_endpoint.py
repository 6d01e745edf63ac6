"""The local Bedrock endpoint as boto3 sees it: what it answers, and how it fails."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.model.errors import STATUS
from tests.integration.model_endpoint import (
    ARN,
    MODEL,
    ScriptedModel,
    json_schema,
    parts_of,
    scripted_model,
    text_of,
    user,
)

SENTIMENT = json.dumps(
    {
        "type": "object",
        "properties": {
            "label": {"enum": ["positive", "negative"]},
            "review_id": {"type": "string"},
        },
        "required": ["label", "review_id"],
    }
)
LOOKUP = {
    "toolSpec": {
        "name": "lookup",
        "description": "Finds an order.",
        "inputSchema": {
            "json": {
                "type": "object",
                "properties": {"id": {"type": "string", "minLength": 2}},
                "required": ["id"],
            }
        },
    }
}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


def test_a_reply_says_what_it_used_how_long_it_took_and_which_model_answered(model: ScriptedModel):
    usage = {"input_tokens": 12, "output_tokens": 3}
    model.plays({"reply": "Good morning.", "usage": usage, "latency_ms": 5})
    answer = model.client.converse(modelId=MODEL, messages=user("Hello"))
    assert answer["output"]["message"] == {
        "role": "assistant",
        "content": [{"text": "Good morning."}],
    }
    assert answer["stopReason"] == "end_turn"
    assert answer["usage"] == {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15}
    assert answer["metrics"] == {"latencyMs": 5}
    assert answer["trace"]["promptRouter"] == {"invokedModelId": "scripted"}
    assert answer["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize("model_id", [MODEL, ARN])
def test_a_model_is_named_by_its_id_or_by_its_arn(model: ScriptedModel, model_id: str):
    model.plays({"when": {"model": model_id}, "reply": "yes"})
    assert text_of(model.client.converse(modelId=model_id, messages=user("Hello"))) == "yes"


def test_an_arn_whose_slashes_are_not_escaped_is_the_same_model(model: ScriptedModel):
    model.plays({"when": {"model": ARN}, "reply": "yes"})
    answer = model.http.post(f"/model/{ARN}/converse", json={"messages": user("Hello")})
    assert text_of(answer.json()) == "yes"


def test_a_structured_reply_takes_values_out_of_the_last_match_in_the_prompt(model: ScriptedModel):
    rule = {
        "when": {"schema": "ReviewSentiment", "regex": r"review (?P<id>\w+)"},
        "reply": {"label": "positive", "review_id": "{{id}}"},
    }
    model.plays(rule)
    answer = model.client.converse(
        modelId=MODEL,
        system=[{"text": "Example: review r0 is positive."}],
        messages=user("Label review r17."),
        outputConfig=json_schema("ReviewSentiment", SENTIMENT),
        requestMetadata={"team": "payments"},
    )
    assert json.loads(text_of(answer)) == {"label": "positive", "review_id": "r17"}


def test_a_tool_that_must_be_called_is_called_with_an_input_that_fits_its_schema(
    model: ScriptedModel,
):
    config = {"tools": [LOOKUP], "toolChoice": {"tool": {"name": "lookup"}}}
    model.plays({"reply": "from_schema"})
    answer = model.client.converse(modelId=MODEL, messages=user("Where?"), toolConfig=config)
    (block,) = answer["output"]["message"]["content"]
    assert answer["stopReason"] == "tool_use"
    assert block["toolUse"]["name"] == "lookup"
    assert block["toolUse"]["input"] == {"id": "xx"}


def test_a_conversation_with_a_tool_result_goes_on(model: ScriptedModel):
    call = {"toolUse": {"toolUseId": "t1", "name": "lookup", "input": {"id": "A1"}}}
    result = {"toolResult": {"toolUseId": "t1", "content": [{"json": {"state": "lost"}}]}}
    messages = [
        *user("Where is A1?"),
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    model.plays({"when": {"contains": '"state": "lost"'}, "reply": "It is lost."})
    answer = model.client.converse(modelId=MODEL, messages=messages, toolConfig={"tools": [LOOKUP]})
    assert text_of(answer) == "It is lost."


def test_a_stream_tells_the_same_as_the_reply_in_one_piece(model: ScriptedModel):
    model.plays({"reply": "One two  three.\n", "latency_ms": 1})
    client = model.client
    whole = client.converse(modelId=MODEL, messages=user("Count"))
    stream = client.converse_stream(modelId=MODEL, messages=user("Count"))
    parts = parts_of(stream)
    kinds = [kind for kind, _ in parts]
    deltas = [part["delta"]["text"] for kind, part in parts if kind == "contentBlockDelta"]
    assert kinds == [
        "messageStart",
        *["contentBlockDelta"] * len(deltas),
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert len(deltas) == 3
    assert "".join(deltas) == text_of(whole)
    assert parts[-2][1] == {"stopReason": whole["stopReason"]}
    assert parts[-1][1] == {key: whole[key] for key in ("usage", "metrics", "trace")}


def test_a_streamed_tool_call_brings_its_input_as_json(model: ScriptedModel):
    config = {"tools": [LOOKUP], "toolChoice": {"any": {}}}
    model.plays({"reply": {"id": "A1"}})
    stream = model.client.converse_stream(modelId=MODEL, messages=user("Where?"), toolConfig=config)
    parts = parts_of(stream)
    assert [kind for kind, _ in parts] == [
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert parts[1][1]["start"]["toolUse"]["name"] == "lookup"
    assert json.loads(parts[2][1]["delta"]["toolUse"]["input"]) == {"id": "A1"}


@pytest.mark.parametrize(
    "code", sorted(set(STATUS) - {"UnknownOperationException", "ModelStreamErrorException"})
)
def test_every_error_of_bedrock_arrives_as_boto3_knows_it(model: ScriptedModel, code: str):
    model.plays({"error": code, "message": "As planned."})
    client = model.client
    with pytest.raises(getattr(client.exceptions, code)) as failure:
        client.converse(modelId=MODEL, messages=user("Hello"))
    with pytest.raises(getattr(client.exceptions, code)):
        client.converse_stream(modelId=MODEL, messages=user("Hello"))
    assert failure.value.response["Error"] == {"Code": code, "Message": "As planned."}
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == STATUS[code]


def test_a_stream_that_breaks_says_so_after_what_was_said(model: ScriptedModel):
    model.plays({"reply": "So far", "error": "ThrottlingException"})
    stream = model.client.converse_stream(modelId=MODEL, messages=user("Hello"))["stream"]
    heard: list[Any] = []
    with closing(stream), pytest.raises(ClientError) as failure:
        heard.extend(next(iter(part)) for part in stream)
    assert heard == ["messageStart", "contentBlockDelta", "contentBlockDelta"]
    assert failure.value.response["Error"]["Code"] == "throttlingException"
    assert failure.value.response["Error"]["Message"] == "The script says so."


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("inferenceConfig.maxTokens", {"inferenceConfig": {"maxTokens": 0}}),
        ("inferenceConfig.temperature", {"inferenceConfig": {"temperature": 1.5}}),
        ("messages.0.role", {"messages": [{"role": "robot", "content": []}]}),
        ("messages.0.content.0", {"messages": [{"role": "user", "content": [{}]}]}),
        ("toolConfig.tools", {"toolConfig": {"tools": []}}),
        (
            "outputConfig.textFormat.structure.jsonSchema.schema",
            {"outputConfig": json_schema("x", "[]")},
        ),
        ("requestMetadata", {"requestMetadata": {str(n): "x" for n in range(17)}}),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_the_name_of_the_field(
    model: ScriptedModel, field: str, body: dict[str, Any]
):
    model.plays({"reply": "never"})
    body = {"messages": user("SECRET"), **body}
    answer = model.http.post(f"/model/{MODEL}/converse", json=body)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "ValidationException"
    assert f"'{field}" in answer.json()["message"]
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"inferenceConfig": {"topP": NaN}}', b"\xff"])
def test_a_body_that_is_no_json_object_is_malformed_input(model: ScriptedModel, body: bytes):
    model.plays({"reply": "never"})
    answer = model.http.post(f"/model/{MODEL}/converse", content=body)
    assert (answer.status_code, answer.json()["message"][:24]) == (400, "Malformed input request:")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/model/{MODEL}/invoke"),
        ("GET", f"/model/{MODEL}/converse"),
        ("POST", "/converse"),
        ("GET", "/"),
    ],
)
def test_what_is_not_served_is_an_unknown_operation(model: ScriptedModel, method: str, path: str):
    model.plays({"reply": "never"})
    answer = model.http.request(method, path, json={})
    assert answer.status_code == 404
    assert answer.headers["x-amzn-ErrorType"] == "UnknownOperationException"


def test_a_model_id_that_is_none_is_refused(model: ScriptedModel):
    model.plays({"reply": "never"})
    answer = model.http.post("/model/a%20b/converse", json={"messages": user("Hello")})
    assert answer.json() == {"message": "modelId: The provided model identifier is invalid."}


def test_counted_tokens_are_the_input_tokens_that_the_call_is_charged_for(model: ScriptedModel):
    conversation = {"system": [{"text": "Be brief."}], "messages": user("Hello, you.")}
    model.plays({"reply": "Hi"})
    client = model.client
    counted = client.count_tokens(modelId=MODEL, input={"converse": conversation})
    answer = client.converse(modelId=MODEL, **conversation)
    assert counted["inputTokens"] == answer["usage"]["inputTokens"] == 7


def test_the_tokens_of_an_invoke_model_body_cannot_be_counted(model: ScriptedModel):
    model.plays({"reply": "Hi"})
    client = model.client
    with pytest.raises(client.exceptions.ValidationException, match=r"input\.invokeModel"):
        client.count_tokens(modelId=MODEL, input={"invokeModel": {"body": b"{}"}})


def test_the_record_holds_models_and_metadata_in_order_but_no_prompt(model: ScriptedModel):
    model.plays({"name": "hello", "when": {"contains": "Hello"}, "reply": "Hi"})
    client = model.client
    client.converse(modelId=MODEL, messages=user("Hello"), requestMetadata={"team": "a"})
    with pytest.raises(client.exceptions.ValidationException) as failure:
        client.converse_stream(modelId=ARN, messages=user("Goodbye"))
    assert model.record() == {
        "rules": {"hello": 1},
        "calls": [
            {
                "rule": "hello",
                "operation": "Converse",
                "model_id": MODEL,
                "schema": None,
                "request_metadata": {"team": "a"},
            },
            {
                "rule": None,
                "operation": "ConverseStream",
                "model_id": ARN,
                "schema": None,
                "request_metadata": {},
            },
        ],
    }
    assert "Goodbye" not in str(failure.value)
    assert "add a rule" in str(failure.value)


def test_a_new_script_starts_a_new_record_and_a_bad_one_changes_nothing(model: ScriptedModel):
    model.plays({"reply": "old"})
    client = model.client
    client.converse(modelId=MODEL, messages=user("Hello"))
    bad = model.http.put("/_scripted/script", content='[[rules]]\nreply = "{{1}}"')
    assert bad.status_code == 400
    assert "no group 1" in bad.json()["message"]
    assert len(model.record()["calls"]) == 1
    model.plays(default={"reply": "new"})
    assert model.record() == {"rules": {"default": 0}, "calls": []}
    assert text_of(client.converse(modelId=MODEL, messages=user("Hello"))) == "new"


def test_one_hundred_calls_at_once_get_each_their_own_answer(model: ScriptedModel):
    rule = {"when": {"regex": r"order (\d+)"}, "reply": "{{1}}", "latency_ms": 100}
    model.plays(rule)
    with ThreadPoolExecutor(20) as pool:
        client = model.client

        def ask(number: int) -> str:
            return text_of(client.converse(modelId=MODEL, messages=user(f"order {number}")))

        assert list(pool.map(ask, range(100))) == [str(number) for number in range(100)]


def test_replies_do_not_wait_for_the_acknowledgement_of_their_headers(model: ScriptedModel):
    model.plays({"reply": "Hi"})

    def seconds() -> float:
        started = time.perf_counter()
        model.http.post(f"/model/{MODEL}/converse", json={"messages": user("Hello")})
        return time.perf_counter() - started

    # An acknowledgement that is waited for takes 40 ms each time, on any machine.
    assert min(seconds() for _ in range(50)) < 0.040


def test_health_says_who_answers(model: ScriptedModel):
    model.plays({"reply": "Hi"})
    health = model.http.get("/health").json()
    assert health == {"model": "scripted", "demo": True, "backend": "scripted"}
