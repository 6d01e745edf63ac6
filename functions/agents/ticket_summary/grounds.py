"""What of a model's words about a thread can be kept: only what the thread bears out.

A summary may use its own words, but not its own figures: an order number, an amount or a date that
the thread does not hold is invented. And a question is open only if somebody asked it.
"""

import re

from .contract import Message

_SENTENCE_END = re.compile(r"(?<=[.!?…\uff1f\u061f])\s+")
_QUESTION_ENDS = ("?", "\uff1f", "\u061f")


def borne_out(summary: str, thread: str) -> str:
    """The sentences of a summary that state no figure of their own; empty if there is none.

    An unfinished last sentence goes too, unless it is the only one.
    """
    sentences = list(dict.fromkeys(_sentences(summary)))
    if len(sentences) > 1 and not sentences[-1].endswith((".", "!", "?", "…")):
        sentences.pop()
    known = _figures(thread)
    return " ".join(sentence for sentence in sentences if _figures(sentence) <= known)


def open_question(said: str, messages: tuple[Message, ...]) -> str | None:
    """The question that waits for an answer, as it stands in the thread.

    Questions of the side that wrote last are open for certain; of any others the model may say so.
    """
    last = messages[-1].role
    turn = [m for i, m in enumerate(messages) if all(n.role == last for n in messages[i:])]
    for asked in (_questions(turn), _questions(messages)):
        for question in reversed(asked):
            if said and said.casefold() in question.casefold():
                return question
    certain = _questions(turn)
    return certain[-1] if certain else None


def _questions(messages: tuple[Message, ...] | list[Message]) -> list[str]:
    sentences = [sentence for message in messages for sentence in _sentences(message.text)]
    return [sentence for sentence in sentences if sentence.endswith(_QUESTION_ENDS)]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _figures(text: str) -> set[str]:
    return {figure.lstrip("0") for figure in re.findall(r"\d+", text)}
