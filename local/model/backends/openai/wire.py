"""Converse in the words of OpenAI's chat completions, and back."""

import json
from typing import Any

from local.model.converse import ConverseRequest, ToolConfig
from local.model.errors import BedrockError
from local.model.generation import Block, Generation, token_usage
from local.model.messages import Message, Untyped
from local.model.transcript import blocks_text, system_text, tool_result_text

_STOP_REASONS = {
    # The protocol does not tell an end of turn from a stop sequence.
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "content_filtered",
}


def completion_request(request: ConverseRequest, model: str) -> Untyped:
    """Give the body of the request; what the caller left open is left open."""
    config = request.inference_config
    system = system_text(request)
    wanted = {
        "model": model,
        "messages": [
            *([{"role": "system", "content": system}] if system else []),
            *(part for message in request.messages for part in _messages(message)),
        ],
        "max_tokens": config.max_tokens,
        "temperature": config.temperature,
        "top_p": config.top_p,
        "stop": config.stop_sequences or None,
        "response_format": _response_format(request),
        **(_tools(request.tool_config) if request.tool_config else {}),
    }
    return {key: value for key, value in wanted.items() if value is not None}


def generation_of(answer: Untyped, model: str) -> Generation:
    """Give the reply; a server that does not say what it used cannot be charged for."""
    try:
        choice, used = answer["choices"][0], answer["usage"]
        said = choice["message"]
        usage = token_usage(used["prompt_tokens"], used["completion_tokens"])
    except (KeyError, IndexError, TypeError) as error:
        raise BedrockError(
            "ModelErrorException", "The model server sent no chat completion with its usage."
        ) from error
    stop_reason = _STOP_REASONS.get(choice.get("finish_reason"), "end_turn")
    text: list[Block] = [{"text": said["content"]}] if said.get("content") else []
    try:
        calls = [_tool_use(call) for call in said.get("tool_calls") or []]
    except json.JSONDecodeError:
        calls, stop_reason = [], "malformed_tool_use"
    return Generation(
        content=text + calls or [{"text": ""}],
        # Some servers say "stop" though they call a tool.
        stop_reason="tool_use" if calls else stop_reason,
        usage=usage,
        model=answer.get("model") or model,
    )


def _messages(message: Message) -> list[Untyped]:
    results = [
        {
            "role": "tool",
            "tool_call_id": block.tool_result.tool_use_id,
            "content": tool_result_text(block.tool_result),
        }
        for block in message.content
        if block.tool_result
    ]
    text = blocks_text([block for block in message.content if block.text])
    calls = [
        {
            "id": block.tool_use.tool_use_id,
            "type": "function",
            "function": {
                "name": block.tool_use.name,
                "arguments": json.dumps(block.tool_use.input),
            },
        }
        for block in message.content
        if block.tool_use
    ]
    said = {"role": message.role, "content": text, **({"tool_calls": calls} if calls else {})}
    return results + ([said] if text or calls else [])


def _response_format(request: ConverseRequest) -> Untyped | None:
    wanted = request.text_schema
    if wanted is None:
        return None
    named = {"name": wanted.name or "reply", "schema": wanted.document, "strict": True}
    return {"type": "json_schema", "json_schema": named}


def _tools(config: ToolConfig) -> Untyped:
    functions = [
        {
            "name": spec.name,
            "description": spec.description or "",
            "parameters": spec.input_schema.json_,
        }
        for spec in config.specs
    ]
    tools = [{"type": "function", "function": function} for function in functions]
    return {"tools": tools, "tool_choice": _tool_choice(config)}


def _tool_choice(config: ToolConfig) -> Any:
    choice = config.tool_choice
    if choice is None or choice.auto is not None:
        return "auto"
    if choice.tool is None:
        return "required"
    return {"type": "function", "function": {"name": choice.tool.name}}


def _tool_use(call: Untyped) -> Block:
    function = call["function"]
    given = json.loads(function["arguments"] or "{}")
    return {"toolUse": {"toolUseId": call["id"], "name": function["name"], "input": given}}
