"""What an agent says to a model: instructions, worked examples, and the input in its fence.

An input is untrusted. It stands between tags that it cannot close, so that a reader, human or
model, always sees where it begins and ends.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model; examples are pairs of a question and its ideal answer."""

    system: str
    question: str
    examples: tuple[tuple[str, str], ...] = ()


def fence(tag: str, text: str) -> str:
    """Put untrusted text between ``<tag>`` and ``</tag>``; the text cannot end its own fence."""
    broken = re.sub(rf"<(\s*/?\s*{re.escape(tag)}\b)", r"&lt;\1", text, flags=re.IGNORECASE)
    return f"<{tag}>\n{broken}\n</{tag}>"
