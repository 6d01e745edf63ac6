"""What of a model's words about a thread can be kept: only what the thread bears out.

A summary may use its own words, but not its own figures: an order number, an amount or a date that
the thread does not hold is invented. A question is open only if somebody asked it, and whose turn
it is can be seen without a model.
"""

import re
from collections.abc import Iterable
from itertools import takewhile

from .contract import Message

_SENTENCE_END = re.compile(r"(?<=[.!?…\uff1f\u061f])\s+")
_QUESTION_ENDS = ("?", "\uff1f", "\u061f")

Messages = tuple[Message, ...]


def borne_out(summary: str, thread: str) -> str:
    """The sentences of a summary that state no figure of their own; empty if there is none.

    An unfinished last sentence goes too, unless it is the only one.
    """
    sentences = list(dict.fromkeys(_sentences(summary)))
    if len(sentences) > 1 and not sentences[-1].endswith((".", "!", "?", "…")):
        sentences.pop()
    known = _figures(thread)
    return " ".join(sentence for sentence in sentences if _figures(sentence) <= known)


def open_question(said: str, messages: Messages) -> str | None:
    """The question that waits for an answer, as it stands in the thread.

    The questions of the side that wrote last are open for certain, and of several the model may
    choose. That an earlier one is still open is only known if the model says so.
    """
    certain = _questions(_last_turn(messages))
    for asked in (certain, () if certain else _questions(messages)):
        if said and (meant := [each for each in asked if said.casefold() in each.casefold()]):
            return meant[-1]
    return certain[-1] if certain else None


def asks_the_customer(messages: Messages) -> bool:
    """Whether the support team wrote last, and asked something."""
    return messages[-1].role == "agent" and bool(_questions(_last_turn(messages)))


def _last_turn(messages: Messages) -> Messages:
    backwards = takewhile(lambda each: each.role == messages[-1].role, reversed(messages))
    return tuple(backwards)[::-1]


def _questions(messages: Iterable[Message]) -> tuple[str, ...]:
    sentences = (sentence for message in messages for sentence in _sentences(message.text))
    return tuple(sentence for sentence in sentences if sentence.endswith(_QUESTION_ENDS))


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _figures(text: str) -> set[str]:
    return {figure.lstrip("0") for figure in re.findall(r"\d+", text)}
