"""Models on Amazon Bedrock, through its Converse API."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import model_error
from functions.adapters.portable_schema import portable
from functions.domain.errors import ModelRefused
from functions.domain.pricing import Usage
from functions.pipeline.calls import SETTLING
from functions.pipeline.ports import Answer, Question

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime.type_defs import ConverseResponseTypeDef

PATIENCES_SECONDS = (810, 600, 300, 120, 60, 26, 20, 15, 10, 7, 5, 3, 2, 1)
LONG_PROMPT_CHARACTERS = 20_000
"""A provider keeps prompts of at least some thousand tokens, and ignores the wish otherwise."""
WOULD_NOT = frozenset({"guardrail_intervened", "content_filtered"})


class BedrockModel:
    """Implements :class:`functions.pipeline.ports.Model`."""

    def __init__(
        self, clients: "Callable[[int], BedrockRuntimeClient]", now: Callable[[], datetime]
    ) -> None:
        self._clients = clients
        self._now = now

    def ask(self, question: Question) -> Answer:
        client = self._clients(_patience((question.deadline - self._now()) - SETTLING))
        try:
            response = client.converse(**_request(question))
        except (ClientError, BotoCoreError) as error:
            raise model_error(error, question.model) from error
        if response["stopReason"] in WOULD_NOT:
            msg = f"The model {question.model} would not answer ({response['stopReason']})."
            raise ModelRefused(msg)
        return Answer(
            text="".join(part.get("text", "") for part in response["output"]["message"]["content"]),
            model=question.model,
            usage=Usage(
                input_tokens=response["usage"]["inputTokens"],
                output_tokens=response["usage"]["outputTokens"],
                cache_read_tokens=response["usage"].get("cacheReadInputTokens", 0),
                cache_write_tokens=response["usage"].get("cacheWriteInputTokens", 0),
            ),
            answered_by=_answered_by(response) or question.model,
            latency_ms=response["metrics"]["latencyMs"],
            stop_reason=response["stopReason"],
        )


def _patience(left: timedelta) -> int:
    """The most of these seconds that are left: an answer comes in time or not at all."""
    return next((s for s in PATIENCES_SECONDS if s <= left.total_seconds()), PATIENCES_SECONDS[-1])


def _request(question: Question) -> Any:
    return {
        "modelId": question.model,
        "system": _system(question.prompt.system),
        "messages": [_message(role, text) for role, text in _turns(question)],
        "inferenceConfig": {
            "maxTokens": question.max_output_tokens,
            "temperature": question.temperature,
        },
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {
                    "jsonSchema": {
                        "name": question.schema_name,
                        "schema": json.dumps(portable(question.schema)),
                    }
                },
            }
        },
        "requestMetadata": question.tags,
    }


def _system(text: str) -> list[dict[str, Any]]:
    """Long instructions are kept by the provider between calls, at a tenth of their price."""
    point = [{"cachePoint": {"type": "default"}}] if len(text) >= LONG_PROMPT_CHARACTERS else []
    return [{"text": text}, *point]


def _turns(question: Question) -> list[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for asked, answered in question.prompt.examples:
        turns += [("user", asked), ("assistant", answered)]
    turns.append(("user", question.prompt.question))
    if question.repair:
        reply, problem = question.repair
        # Converse refuses a blank text block, and a model may well have answered nothing.
        turns.append(("assistant", reply.strip() or "(no reply)"))
        turns.append(("user", f"That reply does not fit: {problem}. Answer again, all of it."))
    return turns


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _answered_by(response: "ConverseResponseTypeDef") -> str | None:
    """A prompt router says which model it chose."""
    return response.get("trace", {}).get("promptRouter", {}).get("invokedModelId")
