"""A GGUF file on llama.cpp: the small model of the bundle, or a file of the user's own.

Temperature is 0 unless the caller says otherwise, and then the same call gets the same reply.
Structured output and tool calls are enforced by a grammar, not asked for.
"""

from contextlib import aclosing
from typing import Literal

from anyio import to_thread

from local.model.backends import About, Reply
from local.model.backends.embedded.client import Chunk, LlamaClient
from local.model.backends.embedded.server import LlamaServer, grammar_of
from local.model.backends.embedded.weights import Weights
from local.model.bounds import bounded
from local.model.conversation import require_text_conversation
from local.model.converse import ConverseRequest
from local.model.errors import BedrockError, InvalidRequest
from local.model.generation import Call, Generation, token_usage
from local.model.messages import Untyped
from local.model.reply import blocks_of, calls_a_tool, raw_schema
from local.model.transcript import chat_messages

# Bedrock's default is the most that a model can write; here that would be minutes.
_DEFAULT_MAX_TOKENS = 512
_JSON_BEGINNINGS = tuple('{["-0123456789')


class EmbeddedBackend:
    """One model, one generation at a time."""

    def __init__(self, weights: Weights, kind: Literal["embedded", "gguf"]) -> None:
        self.about = About(kind, weights.name, demo=kind == "embedded", concurrency=1)
        self._server = LlamaServer(weights)
        self._llama = LlamaClient(self._server.url, self._server.api_key)
        self._enforceable: set[str] = set()

    async def generate(self, call: Call) -> Reply:
        """Answer; text comes as it is written, unless it may turn out to be a tool call."""
        require_text_conversation(call.request)
        wanted = await self._completion(call.request)
        text, last = "", Chunk()
        async with aclosing(self._llama.complete(wanted)) as chunks:
            async for last in chunks:
                text += last["content"]
                if last["content"] and call.request.tool_config is None:
                    yield last["content"]
        yield self._generation(call, text, last)

    async def count_tokens(self, call: Call) -> int:
        """Count as the model would read it, its chat template included."""
        require_text_conversation(call.request)
        return await self._llama.count(await self._prompt(call.request))

    async def aclose(self) -> None:
        """Stop the work in flight, then the server."""
        await self._llama.aclose()
        await to_thread.run_sync(self._server.stop)

    async def _completion(self, request: ConverseRequest) -> Untyped:
        config = request.inference_config
        schema = raw_schema(request)
        return {
            "prompt": await self._prompt(request),
            "n_predict": config.max_tokens or _DEFAULT_MAX_TOKENS,
            "temperature": config.temperature or 0,
            "top_p": 1 if config.top_p is None else config.top_p,
            "stop": config.stop_sequences,
            "grammar": await self._grammar(schema) if schema is not None else "",
            "stream": True,
        }

    async def _prompt(self, request: ConverseRequest) -> str:
        return await self._llama.prompt_of(chat_messages(request))

    async def _grammar(self, schema: Untyped) -> str:
        grammar = grammar_of(bounded(schema))
        if grammar not in self._enforceable:
            # llama.cpp drops a grammar that it cannot build, without a word, and writes free text.
            # So each new one is tried for one token, after words that no JSON would follow.
            piece = await self._llama.first_piece("Once upon a", grammar)
            if not piece.startswith(_JSON_BEGINNINGS):
                raise InvalidRequest(
                    "outputConfig or toolConfig: the JSON schema holds a keyword that the local "
                    "model's grammar does not support. Keep to types, enum, const, bounds, "
                    "required, additionalProperties, anyOf and $ref."
                )
            self._enforceable.add(grammar)
        return grammar

    def _generation(self, call: Call, text: str, last: Chunk) -> Generation:
        if not last.get("stop"):
            raise BedrockError("ModelErrorException", "llama.cpp ended in the middle of a reply.")
        content = blocks_of(call, text)
        return Generation(
            content=content,
            stop_reason="tool_use" if calls_a_tool(content) else _stop_reason(call, last),
            usage=token_usage(last["tokens_evaluated"], last["tokens_predicted"]),
            model=self.about.model,
        )


def _stop_reason(call: Call, last: Chunk) -> str:
    if last["stop_type"] == "word":
        return "stop_sequence"
    if last["stop_type"] != "limit":
        return "end_turn"
    limit = call.request.inference_config.max_tokens or _DEFAULT_MAX_TOKENS
    return "max_tokens" if last["tokens_predicted"] >= limit else "model_context_window_exceeded"
