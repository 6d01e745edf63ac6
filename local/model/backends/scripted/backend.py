"""A model that says what its script says: exact replies, errors and delays for tests and load.

Tokens are counted by words and signs unless a rule says otherwise, so usage is exact too.
"""

import asyncio
import json
import re
from typing import Any

from local.model.backends import About, Reply
from local.model.backends.scripted.minimal_instance import minimal_instance
from local.model.backends.scripted.playback import Match, Playback
from local.model.backends.scripted.script import FROM_SCHEMA, Rule, Script, filled
from local.model.bounds import bounded
from local.model.conversation import require_text_conversation
from local.model.errors import BedrockError, InvalidRequest
from local.model.generation import Block, Call, Generation, token_usage
from local.model.reply import calls_a_tool, tool_to_call, tool_use
from local.model.transcript import prompt_text

_MODEL = "scripted"
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\S+\s*|\s+")


class ScriptedBackend:
    """Plays one script at a time; the script may be replaced while it runs."""

    def __init__(self, script: Script) -> None:
        self.about = About("scripted", _MODEL, demo=True, concurrency=1000)
        self.play(script)

    def play(self, script: Script) -> None:
        """Start over with this script."""
        self._playback = Playback(script)

    def record(self) -> dict[str, Any]:
        """Give what was asked since the script began."""
        return self._playback.record()

    async def generate(self, call: Call) -> Reply:
        """Answer by the first rule that matches."""
        require_text_conversation(call.request)
        rule, match = self._playback.next_rule(call)
        await asyncio.sleep(rule.latency_ms / 1000)
        content = [_block(rule, match, call)] if rule.reply is not None else []
        for block in content:
            for piece in _WORD.findall(block.get("text", "")):
                yield piece
        if rule.error is not None:
            raise BedrockError(rule.error, rule.message)
        yield Generation(
            content=content,
            stop_reason=rule.stop_reason or ("tool_use" if calls_a_tool(content) else "end_turn"),
            usage=_usage(rule, call, content),
            model=_MODEL,
            latency_ms=rule.latency_ms,
        )

    async def count_tokens(self, call: Call) -> int:
        """Count what a call without a ``usage`` of its own would be charged for."""
        require_text_conversation(call.request)
        return _tokens(prompt_text(call.request))

    async def aclose(self) -> None:
        """Nothing is held."""


def _block(rule: Rule, match: Match | None, call: Call) -> Block:
    tool = tool_to_call(call.request)
    name = rule.tool or (tool.name if tool else None)
    from_schema = rule.reply == FROM_SCHEMA
    reply = (
        minimal_instance(bounded(_schema(call, name))) if from_schema else filled(rule.reply, match)
    )
    if name is not None:
        return tool_use(call, name, reply)
    as_it_is = isinstance(reply, str) and not from_schema
    return {"text": reply if as_it_is else json.dumps(reply)}


def _schema(call: Call, tool: str | None) -> dict[str, Any]:
    request = call.request
    if tool is not None and request.tool_config is not None:
        for spec in request.tool_config.specs:
            if spec.name == tool:
                return spec.input_schema.json_
    if tool is None and request.text_schema is not None:
        return request.text_schema.document
    raise InvalidRequest("The script replies from_schema, but the call brings no schema for it.")


def _usage(rule: Rule, call: Call, content: list[Block]) -> dict[str, int]:
    if rule.usage is not None:
        return token_usage(rule.usage.input_tokens, rule.usage.output_tokens)
    said = content[0].get("text") or json.dumps(content[0])
    return token_usage(_tokens(prompt_text(call.request)), _tokens(said))


def _tokens(text: str) -> int:
    return len(_WORD_OR_SIGN.findall(text))
