"""What a text model cannot answer is refused by the name of the field, and nothing else is."""

from typing import Any

import pytest

from local.model.conversation import require_text_conversation
from local.model.errors import InvalidRequest
from tests.unit.local_model.calls import call, tools

USE = {"toolUse": {"toolUseId": "t1", "name": "lookup", "input": {}}}
RESULT = {"toolResult": {"toolUseId": "t1", "content": [{"text": "found"}]}}
IMAGE = {"image": {"format": "png", "source": {"bytes": "eA=="}}}


def conversation(*blocks: dict[str, Any]) -> list[dict[str, Any]]:
    roles = ["user", "assistant"]
    return [
        {"role": roles[turn % 2], "content": [block] if block else []}
        for turn, block in enumerate(blocks)
    ]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"messages": []}, "must start with a user message"),
        ({"messages": [{"role": "assistant", "content": [{"text": "Hi"}]}]}, "must start with"),
        ({"messages": conversation({"text": "Hi"}) * 2}, "must alternate"),
        ({"messages": conversation({})}, r"messages\.0 is empty"),
        ({"messages": conversation({"text": " \n"})}, r"messages\.0\.content\.0 is blank"),
        ({"messages": conversation(IMAGE)}, r"image content block at messages\.0\.content\.0"),
        ({"messages": conversation({"text": "Hi"}, USE, RESULT)}, "toolConfig field must be"),
        (
            {
                "messages": conversation({"text": "Hi"}, {"text": "No"}, RESULT),
                "toolConfig": tools("x"),
            },
            r"messages\.2\.content\.0 answers no toolUse",
        ),
        ({"system": [{"guardContent": {}}]}, r"guardContent content block at system\.0"),
        ({"guardrailConfig": {}}, "guardrailConfig"),
        ({"promptVariables": {}}, "promptVariables"),
        ({"toolConfig": {"tools": [{"systemTool": {"name": "x"}}]}}, "systemTool"),
        ({"toolConfig": {"tools": [{"cachePoint": {"type": "default"}}]}}, "at least one toolSpec"),
        (
            {"toolConfig": tools("x", choice={"tool": {"name": "y"}})},
            r"toolConfig\.toolChoice\.tool\.name",
        ),
    ],
)
def test_what_a_text_model_cannot_answer_is_refused_by_name(body: dict[str, Any], named: str):
    with pytest.raises(InvalidRequest, match=named):
        require_text_conversation(call("Hello", **body).request)


def test_an_image_in_a_tool_result_is_found_too():
    result = {"toolResult": {"toolUseId": "t1", "content": [{"image": {}}]}}
    messages = conversation({"text": "Hi"}, USE, result)
    with pytest.raises(InvalidRequest, match=r"image .* at messages\.2\.content\.0\.toolResult"):
        require_text_conversation(call(messages=messages, toolConfig=tools("lookup")).request)


def test_text_tools_and_cache_points_are_fine():
    messages = conversation({"text": "Hi"}, USE, RESULT)
    messages[2]["content"].append({"cachePoint": {"type": "default"}})
    system = [{"text": "Be kind."}]
    asked = call(messages=messages, system=system, toolConfig=tools("lookup"))
    require_text_conversation(asked.request)
