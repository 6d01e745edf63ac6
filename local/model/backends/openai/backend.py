"""Any server that speaks OpenAI's chat completions: Ollama, LM Studio, vLLM, a hosted one.

Text streams as it comes; a reply that may call tools comes in one piece.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx

from local.model.backends import About, Reply
from local.model.backends.openai.wire import completion_request, generation_of
from local.model.conversation import require_text_conversation
from local.model.errors import INPUT_TOO_LONG, BedrockError, EndpointStopping, InvalidRequest
from local.model.generation import Call
from local.model.messages import Untyped

_ROUTE = "chat/completions"
_TOO_LONG = {"context_length_exceeded", "exceed_context_size_error"}
_NO_KEY = ("AccessDeniedException", "refused the key: set GATEHOUSE_MODEL_API_KEY")
_FAILURES = {
    401: _NO_KEY,
    403: _NO_KEY,
    404: ("ResourceNotFoundException", "does not know the model: name one it has as URL#NAME"),
    408: ("ModelTimeoutException", "took too long"),
    429: ("ThrottlingException", "is busy"),
    502: ("ServiceUnavailableException", "cannot reach its model"),
    503: ("ServiceUnavailableException", "is not ready"),
    504: ("ModelTimeoutException", "took too long"),
}


class OpenAiBackend:
    """One model of one server, through a client that knows its address and its key."""

    def __init__(self, http: httpx.AsyncClient, model: str) -> None:
        self.about = About("openai", model)
        self._http = http

    async def generate(self, call: Call) -> Reply:
        """Answer with a chat completion."""
        require_text_conversation(call.request)
        wanted = completion_request(call.request, self.about.model)
        if call.operation != "ConverseStream" or call.request.tool_config:
            yield generation_of(await self._whole(wanted), self.about.model)
            return
        parts = _Parts()
        async with aclosing(self._streamed(wanted)) as chunks:
            async for chunk in chunks:
                if piece := parts.add(chunk):
                    yield piece
        yield generation_of(parts.answer(), self.about.model)

    async def count_tokens(self, _call: Call) -> int:
        """Chat completions have no such question."""
        raise InvalidRequest("The provided model doesn't support counting tokens.")

    async def aclose(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def _whole(self, wanted: Untyped) -> Untyped:
        try:
            response = await self._http.post(_ROUTE, json=wanted)
        except httpx.HTTPError as error:
            raise self._failure(error) from error
        return _document(response.status_code, response.content)

    async def _streamed(self, wanted: Untyped) -> AsyncGenerator[Untyped]:
        body = {**wanted, "stream": True, "stream_options": {"include_usage": True}}
        try:
            async with self._http.stream("POST", _ROUTE, json=body) as response:
                if response.is_error:
                    _document(response.status_code, await response.aread())
                async for line in response.aiter_lines():
                    data = line.removeprefix("data:").strip()
                    if line.startswith("data:") and data != "[DONE]":
                        yield _document(response.status_code, data)
        except httpx.HTTPError as error:
            raise self._failure(error) from error

    def _failure(self, error: httpx.HTTPError) -> BedrockError:
        if self._http.is_closed:
            return EndpointStopping()
        if isinstance(error, httpx.TimeoutException):
            return BedrockError("ModelTimeoutException", "The model server took too long.")
        kind = type(error).__name__
        return BedrockError("ServiceUnavailableException", f"The model server is gone ({kind}).")


class _Parts:
    """The parts of a streamed answer, put together again."""

    def __init__(self) -> None:
        self._text = ""
        self._choice: Untyped = {}
        self._rest: Untyped = {}

    def add(self, chunk: Untyped) -> str:
        self._rest |= {key: chunk[key] for key in ("usage", "model") if chunk.get(key)}
        for choice in chunk.get("choices") or []:
            if choice.get("finish_reason"):
                self._choice = choice
            piece = choice.get("delta", {}).get("content") or ""
            self._text += piece
            return str(piece)
        return ""

    def answer(self) -> Untyped:
        return {**self._rest, "choices": [{**self._choice, "message": {"content": self._text}}]}


def _document(status: int, content: bytes | str) -> Untyped:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {} if status >= httpx.codes.BAD_REQUEST else {"error": {"type": "no JSON"}}
    if status >= httpx.codes.BAD_REQUEST or document.get("error"):
        raise _refusal(status, document.get("error"))
    return document


def _refusal(status: int, error: object) -> BedrockError:
    """Translate by status and by the name of the error; its text may quote the prompt."""
    names = {error.get("code"), error.get("type")} if isinstance(error, dict) else set()
    if names & _TOO_LONG:
        return InvalidRequest(INPUT_TOO_LONG)
    named = ", ".join(sorted(name for name in names if isinstance(name, str)))
    detail = f"HTTP {status}{named and ': '}{named}"
    if status in _FAILURES:
        code, what = _FAILURES[status]
        return BedrockError(code, f"The model server {what} ({detail}).")
    if httpx.codes.BAD_REQUEST <= status < httpx.codes.INTERNAL_SERVER_ERROR:
        return InvalidRequest(f"The model server refused the request ({detail}).")
    return BedrockError("ModelErrorException", f"The model server failed ({detail}).")
