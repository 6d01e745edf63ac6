"""Who answers: one module per kind of model, behind one small protocol.

A backend yields its reply as it comes: pieces of text while they are written (a backend that
cannot is silent until the end), then exactly one ``Generation``. The pieces together are the text
of its first block. Real Bedrock, which streams by itself, yields its own events instead.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from local.model.generation import Call, Event, Generation

Reply = AsyncGenerator[str | Event | Generation]


@dataclass(frozen=True)
class About:
    """What a person wants to know about a backend before believing its answers."""

    backend: Literal["embedded", "gguf", "openai", "bedrock", "scripted"]
    model: str
    demo: bool = False  # its plumbing is real, its judgement is not
    concurrency: int = 64  # calls that it answers at a time; the others wait in order


class Backend(Protocol):
    """A model that answers calls. Closing a reply early stops the work behind it."""

    @property
    def about(self) -> About:
        """What it is."""

    def generate(self, call: Call, /) -> Reply:
        """Answer, or raise a ``BedrockError``."""

    async def count_tokens(self, call: Call, /) -> int:
        """Say how many tokens the call would be charged for as input."""

    async def aclose(self) -> None:
        """Let go of everything, calls in flight included."""
