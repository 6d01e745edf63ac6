"""Models on Amazon Bedrock, through its Converse API."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import model_error
from functions.adapters.portable_schema import portable
from functions.domain.errors import UpstreamError
from functions.domain.pricing import Usage
from functions.pipeline.calls import SETTLING
from functions.pipeline.ports import Answer, Question

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_bedrock_runtime.type_defs import ConverseResponseTypeDef

PATIENCES_SECONDS = (810, 600, 300, 120, 60, 26, 20, 15, 10, 7, 5, 3, 2, 1)
LONG_PROMPT_CHARACTERS = 20_000
"""A provider keeps prompts of at least some thousand tokens, and ignores the wish otherwise."""
HOUR = "1h"

Called = Callable[[str, Mapping[str, str]], str]
"""What a call names for a model and the tags of its run."""


def by_its_own_id(model: str, tags: Mapping[str, str]) -> str:
    return model


class BedrockModel:
    """Implements :class:`functions.pipeline.ports.Model`."""

    def __init__(
        self,
        clients: "Callable[[int], BedrockRuntimeClient]",
        now: Callable[[], datetime],
        called: Called = by_its_own_id,
    ) -> None:
        self._clients = clients
        self._now = now
        self._called = called

    def ask(self, question: Question) -> Answer:
        client = self._clients(_patience((question.deadline - self._now()) - SETTLING))
        try:
            response = client.converse(**_request(question, self._called))
        except (ClientError, BotoCoreError) as error:
            raise model_error(error, question.model) from error
        return Answer(
            text=_text(response),
            model=question.model,
            usage=_usage(response, question.model),
            answered_by=_answered_by(response) or question.model,
            latency_ms=response.get("metrics", {}).get("latencyMs", 0),
            stop_reason=response["stopReason"],
        )


def _patience(left: timedelta) -> int:
    """The most of these seconds that are left: an answer comes in time or not at all."""
    return next((s for s in PATIENCES_SECONDS if s <= left.total_seconds()), PATIENCES_SECONDS[-1])


def _request(question: Question, called: Called) -> Any:
    return {
        "modelId": called(question.model, question.tags),
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


def _text(response: "ConverseResponseTypeDef") -> str:
    """What was said. An answer that broke off may have no message, and is billed all the same."""
    content = response.get("output", {}).get("message", {}).get("content", ())
    return "".join(part.get("text", "") for part in content)


def _usage(response: "ConverseResponseTypeDef", model: str) -> Usage:
    """What the provider counted, every token in one kind.

    Raises:
        UpstreamError: it did not say, so nobody can say what was paid.
    """
    found = response.get("usage")
    if found is None:
        msg = f"The model {model} answered without saying how many tokens that took."
        raise UpstreamError(msg)
    details = found.get("cacheDetails", ())
    hour = sum(kept["inputTokens"] for kept in details if kept["ttl"] == HOUR)
    return Usage(
        input_tokens=found["inputTokens"],
        output_tokens=found["outputTokens"],
        cache_read_tokens=found.get("cacheReadInputTokens", 0),
        cache_write_tokens=max(0, found.get("cacheWriteInputTokens", 0) - hour),
        cache_write_hour_tokens=hour,
    )


def _answered_by(response: "ConverseResponseTypeDef") -> str | None:
    """A prompt router says which model it chose."""
    return response.get("trace", {}).get("promptRouter", {}).get("invokedModelId")
