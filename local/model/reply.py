"""What the raw text of a reply must look like, and what it then means.

A text model obeys a grammar, so every promise that Bedrock makes about a reply becomes one JSON
schema: structured output is the caller's own schema, a tool that must be called is the schema of
its input, and a free choice among tools is an envelope that names the choice.

    {"tool": NAME, "input": {...}}   or, where the model may also just answer,   {"reply": ...}
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from local.model.converse import ConverseRequest, ToolConfig, ToolSpec
from local.model.generation import Block, Call
from local.model.messages import Untyped


def tool_to_call(request: ConverseRequest) -> ToolSpec | None:
    """Give the tool that the reply has to call, when there is nothing to choose."""
    config = request.tool_config
    if config is None or config.tool_choice is None:
        return None
    if named := config.tool_choice.tool:
        return next((spec for spec in config.specs if spec.name == named.name), None)
    return config.specs[0] if _must_call(config) and len(config.specs) == 1 else None


def raw_schema(request: ConverseRequest) -> Untyped | None:
    """Give the schema for the raw text of the reply; None lets the model write what it likes."""
    if tool := tool_to_call(request):
        return tool.input_schema.json_
    text = request.text_schema.document if request.text_schema else None
    if request.tool_config is None:
        return text
    choices = [
        ({"tool": {"const": spec.name}}, "input", spec.input_schema.json_)
        for spec in request.tool_config.specs
    ]
    if not _must_call(request.tool_config):
        choices.append(({}, "reply", text or {"type": "string", "maxLength": 2000}))
    return {
        "anyOf": [
            _closed({**tag, name: _moved(schema, f"#/anyOf/{index}/properties/{name}")})
            for index, (tag, name, schema) in enumerate(choices)
        ]
    }


def blocks_of(call: Call, text: str) -> list[Block]:
    """Give the content that the raw text stands for; a cut-off envelope stays text."""
    if call.request.tool_config is None:
        return [{"text": text}]
    try:
        said = json.loads(text)
    except json.JSONDecodeError:
        return [{"text": text}]
    if tool := tool_to_call(call.request):
        return [tool_use(call, tool.name, said)]
    if "tool" in said:
        return [tool_use(call, said["tool"], said["input"])]
    reply = said["reply"]
    return [{"text": reply if isinstance(reply, str) else json.dumps(reply)}]


def tool_use(call: Call, name: str, given: Any) -> Block:
    """Give the block that asks for a tool, with an id that the same call gets again."""
    digest = hashlib.sha256(json.dumps([call.body, name], sort_keys=True).encode()).hexdigest()
    return {"toolUse": {"toolUseId": f"tooluse_{digest[:22]}", "name": name, "input": given}}


def calls_a_tool(blocks: Iterable[Block]) -> bool:
    """Whether the caller now has to run a tool."""
    return any("toolUse" in block for block in blocks)


def _must_call(config: ToolConfig) -> bool:
    return config.tool_choice is not None and config.tool_choice.any is not None


def _closed(properties: Untyped) -> Untyped:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _moved(schema: Any, root: str) -> Any:
    """Point the references of a schema at its new place inside a larger one."""
    if isinstance(schema, list):
        return [_moved(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{root}{value[1:]}"
        if key == "$ref" and isinstance(value, str)
        else _moved(value, root)
        for key, value in schema.items()
    }
