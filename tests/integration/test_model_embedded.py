"""The real embedded model: shape, schema, sameness and limits, but never whether it is right."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from local.model.choose import choose
from tests.integration.model_endpoint import (
    MODEL,
    bedrock,
    json_schema,
    parts_of,
    served,
    text_of,
    user,
)

SCHEMA = {
    "$defs": {"Label": {"enum": ["positive", "negative", "mixed"]}},
    "type": "object",
    "properties": {
        "label": {"$ref": "#/$defs/Label"},
        "score": {"type": "number", "minimum": -1, "maximum": 1},
        "topics": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 3},
    },
    "required": ["label", "score", "topics"],
    "additionalProperties": False,
}
TOOL = {"toolSpec": {"name": "label_review", "inputSchema": {"json": SCHEMA}}}


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    with served(choose("embedded")) as url, bedrock(url) as client:
        yield client


def test_the_same_call_gets_the_same_structured_reply_whatever_was_asked_in_between(client: Any):
    call = {
        "modelId": MODEL,
        "system": [{"text": "You label hotel reviews."}],
        "messages": user("The room was clean, but the food was cold and the waiter was rude."),
        "outputConfig": json_schema("ReviewSentiment", json.dumps(SCHEMA)),
        "inferenceConfig": {"maxTokens": 80},
    }
    first = client.converse(**call)
    again = client.converse(**call)
    client.converse(modelId=MODEL, messages=user("Hello"), inferenceConfig={"maxTokens": 3})
    later = parts_of(client.converse_stream(**call))
    said = "".join(part["delta"]["text"] for kind, part in later if kind == "contentBlockDelta")
    assert text_of(first) == text_of(again) == said
    jsonschema.validate(json.loads(said), SCHEMA)
    assert first["stopReason"] == "end_turn"
    assert first["usage"] == again["usage"] == later[-1][1]["usage"]
    counted = {key: call[key] for key in ("system", "messages")}
    tokens = client.count_tokens(modelId=MODEL, input={"converse": counted})
    assert first["usage"]["inputTokens"] == tokens["inputTokens"] > 20
    assert first["trace"]["promptRouter"]["invokedModelId"] == "smollm2-135m-instruct-q4_1"


def test_tools_are_called_limits_are_named_and_what_cannot_be_done_is_refused(client: Any):
    config = {"tools": [TOOL], "toolChoice": {"any": {}}}
    called = client.converse(modelId=MODEL, messages=user("A fine pool!"), toolConfig=config)
    (block,) = called["output"]["message"]["content"]
    assert called["stopReason"] == "tool_use"
    jsonschema.validate(block["toolUse"]["input"], SCHEMA)

    cut = client.converse(
        modelId=MODEL, messages=user("Tell a story."), inferenceConfig={"maxTokens": 2}
    )
    assert (cut["stopReason"], cut["usage"]["outputTokens"]) == ("max_tokens", 2)

    with pytest.raises(client.exceptions.ValidationException, match="Input is too long for"):
        client.converse(modelId=MODEL, messages=user("word " * 5000))

    lookahead = json.dumps({"type": "string", "pattern": "^(?=a)b$"})
    with pytest.raises(client.exceptions.ValidationException, match="JSON schema"):
        client.converse(
            modelId=MODEL, messages=user("Hello"), outputConfig=json_schema("x", lookahead)
        )
