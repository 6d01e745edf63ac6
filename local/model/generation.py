"""What goes into a backend and what comes out of it, and the response that Converse makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local.model.converse import ConverseRequest

Block = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of one model: its request as types, and the body as it came."""

    model_id: str
    request: ConverseRequest
    body: Mapping[str, Any]
    operation: Literal["Converse", "ConverseStream", "CountTokens"] = "Converse"


@dataclass(frozen=True)
class Event:
    """One event of a reply in parts, in Bedrock's own words."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Generation:
    """A finished reply; its latency is measured for it unless its backend knows better."""

    content: list[Block]
    stop_reason: str
    usage: Mapping[str, Any]
    model: str
    latency_ms: int | None = None
    # What a real response holds besides; it only passes through here.
    more: Mapping[str, Any] = field(default_factory=dict)

    def response(self) -> dict[str, Any]:
        """Give the body of a Converse response."""
        return {
            **self.more,
            "output": {"message": {"role": "assistant", "content": self.content}},
            "stopReason": self.stop_reason,
            **self.metadata(),
        }

    def metadata(self) -> dict[str, Any]:
        """Give what a stream says last: usage, latency, and which model really answered."""
        # Converse has this one field for it, made for prompt routers: the caller asked for one
        # model and another one answered. That is exactly what a stand-in does.
        router = {"promptRouter": {"invokedModelId": self.model}}
        return {
            "usage": dict(self.usage),
            "metrics": {"latencyMs": self.latency_ms},
            "trace": {**router, **self.more.get("trace", {})},
        }


def token_usage(input_tokens: int, output_tokens: int) -> dict[str, int]:
    """Give Bedrock's ``TokenUsage``."""
    return {
        "inputTokens": input_tokens,
        "outputTokens": output_tokens,
        "totalTokens": input_tokens + output_tokens,
    }
