"""A model behind an OpenAI-compatible server: what it is asked, and what its answers become."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from local.model.backends.openai.backend import OpenAiBackend
from tests.integration.model_endpoint import (
    MODEL,
    bedrock,
    json_schema,
    parts_of,
    served,
    text_of,
    user,
)

Handler = Callable[[httpx.Request], httpx.Response]
USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
TOOL = {"toolSpec": {"name": "lookup", "inputSchema": {"json": {"type": "object"}}}}


class OpenAiServer:
    """Answers every completion the same, and remembers what it was asked."""

    def __init__(self, message: dict[str, Any], finish_reason: str = "stop", **more: Any) -> None:
        choice = {"index": 0, "message": message, "finish_reason": finish_reason}
        self._answer = {"model": "qwen:7b", "choices": [choice], "usage": USAGE, **more}
        self.asked: dict[str, Any] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/chat/completions"
        self.asked = json.loads(request.content)
        return httpx.Response(200, json=self._answer)


class Model:
    """A client of the endpoint, and the server behind it, which each test brings."""

    def __init__(self) -> None:
        self.client: Any = None
        self.server: Handler = OpenAiServer({})

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Let the server of the moment answer."""
        return self.server(request)

    def converse(self, **request: Any) -> dict[str, Any]:
        """Ask the endpoint."""
        answer: dict[str, Any] = self.client.converse(modelId=MODEL, **request)
        return answer


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    model = Model()
    transport = httpx.MockTransport(model.answer)
    http = httpx.AsyncClient(base_url="http://models/v1", transport=transport)
    with served(OpenAiBackend(http, "qwen")) as url, bedrock(url) as model.client:
        yield model


def test_a_conversation_becomes_messages_and_only_what_the_caller_set_is_set(model: Model):
    server = OpenAiServer({"role": "assistant", "content": "Hi."})
    model.server = server
    answer = model.converse(
        system=[{"text": "Be brief."}],
        messages=user("Hello"),
        inferenceConfig={"maxTokens": 50, "stopSequences": ["END"]},
    )
    assert server.asked == {
        "model": "qwen",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
        ],
        "max_tokens": 50,
        "stop": ["END"],
    }
    assert text_of(answer) == "Hi."
    assert answer["usage"] == {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13}
    assert answer["trace"]["promptRouter"]["invokedModelId"] == "qwen:7b"


def test_structured_output_is_asked_for_by_schema(model: Model):
    server = OpenAiServer({"role": "assistant", "content": "{}"})
    model.server = server
    model.converse(
        messages=user("Hello"),
        outputConfig=json_schema("Reply", '{"type": "object"}'),
    )
    assert server.asked["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Reply", "schema": {"type": "object"}, "strict": True},
    }


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"auto": {}}, "auto"),
        ({"any": {}}, "required"),
        ({"tool": {"name": "lookup"}}, {"type": "function", "function": {"name": "lookup"}}),
    ],
)
def test_tools_and_their_results_go_both_ways(model: Model, choice: dict[str, Any], wanted: Any):
    function = {"name": "lookup", "arguments": '{"id": "A2"}'}
    server = OpenAiServer(
        {"content": None, "tool_calls": [{"id": "c2", "type": "function", "function": function}]}
    )
    history = [
        *user("Where is A1?"),
        {
            "role": "assistant",
            "content": [{"toolUse": {"toolUseId": "c1", "name": "lookup", "input": {"id": "A1"}}}],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "c1", "content": [{"json": {"state": "lost"}}]}},
                {"text": "And A2?"},
            ],
        },
    ]
    model.server = server
    answer = model.converse(messages=history, toolConfig={"tools": [TOOL], "toolChoice": choice})
    assert [message["role"] for message in server.asked["messages"]] == [
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert server.asked["messages"][2]["tool_call_id"] == "c1"
    assert server.asked["tool_choice"] == wanted
    assert answer["stopReason"] == "tool_use"
    assert answer["output"]["message"]["content"] == [
        {"toolUse": {"toolUseId": "c2", "name": "lookup", "input": {"id": "A2"}}}
    ]


@pytest.mark.parametrize(
    ("finish_reason", "stop_reason"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "content_filtered"),
        ("something new", "end_turn"),
    ],
)
def test_finish_reasons_become_stop_reasons(model: Model, finish_reason: str, stop_reason: str):
    model.server = OpenAiServer({"content": "Hi"}, finish_reason)
    answer = model.converse(messages=user("Hello"))
    assert answer["stopReason"] == stop_reason


def test_a_stream_passes_piece_by_piece(model: Model):
    chunks: list[dict[str, Any]] = [
        {"model": "qwen:7b", "choices": [{"delta": {"role": "assistant", "content": ""}}]},
        {"choices": [{"delta": {"content": "One "}}]},
        {"choices": [{"delta": {"content": "two"}}]},
        {"choices": [{"delta": {}, "finish_reason": "length"}]},
        {"choices": [], "usage": USAGE},
    ]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + ["data: [DONE]\n\n"]

    def server(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content)["stream_options"] == {"include_usage": True}
        return httpx.Response(200, text="".join(lines))

    model.server = server
    parts = parts_of(model.client.converse_stream(modelId=MODEL, messages=user("Count")))
    texts = [part["delta"]["text"] for kind, part in parts if kind == "contentBlockDelta"]
    assert texts == ["One ", "two"]
    assert parts[-2][1] == {"stopReason": "max_tokens"}
    assert parts[-1][1]["usage"]["totalTokens"] == 13
    assert parts[-1][1]["trace"]["promptRouter"]["invokedModelId"] == "qwen:7b"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, {"code": "context_length_exceeded"}, "ValidationException"),
        (400, {"type": "invalid_request_error"}, "ValidationException"),
        (401, {}, "AccessDeniedException"),
        (404, {}, "ResourceNotFoundException"),
        (429, {}, "ThrottlingException"),
        (500, {}, "ModelErrorException"),
        (503, {}, "ServiceUnavailableException"),
        (504, {}, "ModelTimeoutException"),
    ],
)
def test_failures_of_the_server_become_errors_of_bedrock_without_its_text(
    model: Model, status: int, error: dict[str, str], code: str
):
    body = {"error": {**error, "message": "your prompt SECRET is bad"}}
    model.server = lambda _request: httpx.Response(status, json=body)
    with pytest.raises(ClientError) as failure:
        model.converse(messages=user("SECRET"))
    assert failure.value.response["Error"]["Code"] == code
    assert "SECRET" not in str(failure.value)


def test_a_prompt_that_is_too_long_is_called_so_in_the_words_of_bedrock(model: Model):
    body = {"error": {"type": "exceed_context_size_error"}}
    model.server = lambda _request: httpx.Response(400, json=body)
    with pytest.raises(model.client.exceptions.ValidationException, match="Input is too long for"):
        model.client.converse_stream(modelId=MODEL, messages=user("Hello"))


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx.ReadTimeout("slow"), "ModelTimeoutException"),
        (httpx.ConnectError("gone"), "ServiceUnavailableException"),
    ],
)
def test_a_server_that_is_gone_or_slow_is_named_so(
    model: Model, failure: httpx.HTTPError, code: str
):
    def server(request: httpx.Request) -> httpx.Response:
        raise failure

    model.server = server
    with pytest.raises(ClientError) as error:
        model.converse(messages=user("Hello"))
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("answer", ["not json", "[]", "{}", '{"choices": [], "usage": {}}'])
def test_an_answer_that_is_no_completion_is_an_error_of_the_model(model: Model, answer: str):
    model.server = lambda _request: httpx.Response(200, text=answer)
    with pytest.raises(model.client.exceptions.ModelErrorException):
        model.converse(messages=user("Hello"))


def test_arguments_that_are_no_json_end_as_a_malformed_tool_use(model: Model):
    call = {"id": "c1", "function": {"name": "lookup", "arguments": "{"}}
    model.server = OpenAiServer({"content": None, "tool_calls": [call]})
    answer = model.converse(messages=user("Hello"), toolConfig={"tools": [TOOL]})
    assert answer["stopReason"] == "malformed_tool_use"


def test_chat_completions_cannot_count_tokens(model: Model):
    model.server = OpenAiServer({})
    with pytest.raises(
        model.client.exceptions.ValidationException, match="doesn't support counting"
    ):
        model.client.count_tokens(modelId=MODEL, input={"converse": {"messages": user("Hello")}})
