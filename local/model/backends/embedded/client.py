"""What is asked of llama.cpp, and its failures in Bedrock's words."""

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import httpx

from local.model.errors import INPUT_TOO_LONG, BedrockError, EndpointStopping, InvalidRequest
from local.model.transcript import ChatMessage

_PATIENCE_SECONDS = 120.0
Chunk = dict[str, Any]


class LlamaClient:
    """The four questions that the backend has, over llama.cpp's own (not OpenAI's) routes."""

    def __init__(self, url: str, api_key: str) -> None:
        headers = {"authorization": f"Bearer {api_key}"}
        self._http = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=_PATIENCE_SECONDS,
            trust_env=False,  # a proxy of the environment must not come between us
        )

    async def prompt_of(self, messages: Sequence[ChatMessage]) -> str:
        """Write the conversation as the model was trained to read it."""
        thoughts = {"enable_thinking": False}
        answer = await self._post(
            "/apply-template", messages=messages, chat_template_kwargs=thoughts
        )
        prompt: str = answer["prompt"]
        return prompt

    async def count(self, prompt: str) -> int:
        """Count the tokens of a prompt."""
        answer = await self._post("/tokenize", content=prompt, add_special=True, parse_special=True)
        return len(answer["tokens"])

    async def first_piece(self, prompt: str, grammar: str) -> str:
        """Write one token."""
        answer = await self._post(
            "/completion", prompt=prompt, grammar=grammar, n_predict=1, temperature=0
        )
        piece: str = answer["content"]
        return piece

    async def complete(self, wanted: dict[str, Any]) -> AsyncGenerator[Chunk]:
        """Write on, chunk by chunk; the last one tells why it ended and what it used."""
        self._require_open()
        try:
            async with self._http.stream("POST", "/completion", json=wanted) as answer:
                if answer.is_error:
                    raise _refusal(json.loads(await answer.aread()))
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        yield _chunk(line)
        except httpx.HTTPError as error:
            raise self._failure(error) from error

    async def aclose(self) -> None:
        """Hang up, which ends whatever is being written."""
        await self._http.aclose()

    async def _post(self, path: str, **body: Any) -> Any:
        self._require_open()
        try:
            answer = await self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise self._failure(error) from error
        if answer.is_error:
            raise _refusal(answer.json())
        return answer.json()

    def _require_open(self) -> None:
        if self._http.is_closed:
            raise EndpointStopping

    def _failure(self, error: httpx.HTTPError) -> BedrockError:
        if self._http.is_closed:
            return EndpointStopping()
        if isinstance(error, httpx.TimeoutException):
            return BedrockError("ModelTimeoutException", "The model took too long to answer.")
        return BedrockError("ModelErrorException", f"llama.cpp failed with {type(error).__name__}.")


def _chunk(line: str) -> Chunk:
    chunk: Chunk = json.loads(line.removeprefix("data: "))
    if "error" in chunk:
        raise _refusal(chunk)
    return chunk


def _refusal(answer: Chunk) -> BedrockError:
    kind = answer["error"]["type"]
    if kind == "exceed_context_size_error":
        return InvalidRequest(INPUT_TOO_LONG)
    return BedrockError("ModelErrorException", f"llama.cpp failed with {kind}.")
