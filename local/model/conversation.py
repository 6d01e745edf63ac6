"""The rules of a conversation beyond its shapes, and what a local text model cannot serve.

Real Bedrock enforces the same rules with the same words, per model. What is refused here and
works there says so in its message: silently ignoring an image or a guardrail would make a local
success mean nothing.
"""

from collections.abc import Iterator
from itertools import pairwise

from local.model.converse import ConverseRequest, ToolConfig
from local.model.errors import InvalidRequest
from local.model.messages import ContentBlock, Message, SystemBlock, ToolResultContent

_TEXT_BLOCKS = {"text", "toolUse", "toolResult", "cachePoint", "json"}
_ELSEWHERE = "no local model does; set GATEHOUSE_MODEL=bedrock to call the real one"


def require_text_conversation(request: ConverseRequest) -> None:
    """Refuse whatever a text model cannot answer, naming the field."""
    _require_no_guardrail(request)
    _require_text_blocks(request)
    _require_alternation(request.messages)
    _require_content(request.messages)
    _require_tools_for_tool_blocks(request)
    if request.tool_config is not None:
        _require_usable_tools(request.tool_config)


def _require_no_guardrail(request: ConverseRequest) -> None:
    if request.guardrail_config is not None:
        raise InvalidRequest(f"guardrailConfig: a guardrail needs Amazon Bedrock, {_ELSEWHERE}.")
    if request.prompt_variables is not None:
        raise InvalidRequest(
            f"promptVariables: a stored prompt needs Amazon Bedrock, {_ELSEWHERE}."
        )


def _blocks(
    request: ConverseRequest,
) -> Iterator[tuple[str, ContentBlock | SystemBlock | ToolResultContent]]:
    for i, part in enumerate(request.system):
        yield f"system.{i}", part
    for i, message in enumerate(request.messages):
        for j, block in enumerate(message.content):
            yield f"messages.{i}.content.{j}", block
            for k, inner in enumerate(block.tool_result.content if block.tool_result else []):
                yield f"messages.{i}.content.{j}.toolResult.content.{k}", inner


def _require_text_blocks(request: ConverseRequest) -> None:
    for where, block in _blocks(request):
        (kind,) = block.members
        if kind not in _TEXT_BLOCKS:
            raise InvalidRequest(
                f"This model doesn't support the {kind} content block at {where}: {_ELSEWHERE}."
            )


def _require_alternation(messages: list[Message]) -> None:
    if not messages or messages[0].role != "user":
        raise InvalidRequest(
            "messages: A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    roles = [message.role for message in messages]
    if "system" in roles or any(one == other for one, other in pairwise(roles)):
        raise InvalidRequest(
            "messages: A conversation must alternate between user and assistant roles. "
            "Make sure the conversation alternates between user and assistant roles and try again."
        )


def _require_content(messages: list[Message]) -> None:
    for i, message in enumerate(messages):
        if not message.content:
            raise InvalidRequest(
                f"The content field in the Message object at messages.{i} is empty. "
                "Add a ContentBlock object to the content field and try again."
            )
        for j, block in enumerate(message.content):
            if block.text is not None and not block.text.strip():
                raise InvalidRequest(
                    f"The text field in the ContentBlock object at messages.{i}.content.{j} "
                    "is blank. Add text to the text field, and try again."
                )


def _require_tools_for_tool_blocks(request: ConverseRequest) -> None:
    asked: set[str] = set()
    for where, block in _blocks(request):
        if not isinstance(block, ContentBlock) or not (block.tool_use or block.tool_result):
            continue
        if request.tool_config is None:
            raise InvalidRequest(
                "The toolConfig field must be defined when using toolUse and toolResult "
                "content blocks."
            )
        if block.tool_use:
            asked.add(block.tool_use.tool_use_id)
        if block.tool_result and block.tool_result.tool_use_id not in asked:
            raise InvalidRequest(f"The toolResult at {where} answers no toolUse before it.")


def _require_usable_tools(config: ToolConfig) -> None:
    if any(tool.system_tool for tool in config.tools):
        raise InvalidRequest(f"toolConfig.tools: a systemTool runs inside Bedrock, {_ELSEWHERE}.")
    names = {spec.name for spec in config.specs}
    if not names:
        raise InvalidRequest("toolConfig.tools: at least one toolSpec is needed.")
    chosen = config.tool_choice.tool if config.tool_choice else None
    if chosen and chosen.name not in names:
        raise InvalidRequest(
            "toolConfig.toolChoice.tool.name: no tool of that name in toolConfig.tools."
        )
