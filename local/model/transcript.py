"""A conversation as plain text, for models that know nothing but text.

Tool calls and their results become sentences; a model that was trained on tools of its own kind
gets them in its own way (``backends.openai``).
"""

import json
from typing import Literal, TypedDict

from local.model.converse import ConverseRequest, ToolSpec
from local.model.messages import ContentBlock, ToolResult


class ChatMessage(TypedDict):
    """A message as chat templates know it."""

    role: Literal["system", "user", "assistant"]
    content: str


def chat_messages(request: ConverseRequest) -> list[ChatMessage]:
    """Give the conversation, the system prompt with the tools first."""
    system = "\n\n".join(filter(None, [system_text(request), _tools_text(request)]))
    first: list[ChatMessage] = [{"role": "system", "content": system}] if system else []
    return first + [
        {"role": message.role, "content": blocks_text(message.content)}
        for message in request.messages
    ]


def prompt_text(request: ConverseRequest) -> str:
    """Give everything that the model reads, in order."""
    return "\n\n".join(message["content"] for message in chat_messages(request))


def system_text(request: ConverseRequest) -> str:
    """Give the system prompt without the tools."""
    return "\n\n".join(block.text for block in request.system if block.text)


def blocks_text(blocks: list[ContentBlock]) -> str:
    """Give the text of one message."""
    return "\n".join(filter(None, map(_block_text, blocks)))


def tool_result_text(result: ToolResult) -> str:
    """Give the contents of a tool's result."""
    return "\n".join(
        part.text if part.text is not None else json.dumps(part.json_) for part in result.content
    )


def _block_text(block: ContentBlock) -> str:
    if block.tool_use:
        return json.dumps({"tool": block.tool_use.name, "input": block.tool_use.input})
    if block.tool_result:
        return f"Result ({block.tool_result.status}): {tool_result_text(block.tool_result)}"
    return block.text or ""


def _tools_text(request: ConverseRequest) -> str:
    if request.tool_config is None:
        return ""
    return "\n".join(["Tools:", *map(_tool_text, request.tool_config.specs)])


def _tool_text(spec: ToolSpec) -> str:
    return f"{spec.name}: {spec.description or ''} input: {json.dumps(spec.input_schema.json_)}"
