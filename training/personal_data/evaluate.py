"""Scores of the detector on texts that it was not trained on.

`held_out.txt` was written by hand, with names and sentences that no word list or template has;
each line is a text, ``[[Zoran|PERSON]]`` marks a span.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from functions.domain.personal_data import find
from training.personal_data.corpus import Text

HELD_OUT = Path(__file__).with_name("held_out.txt")
_MARK = re.compile(r"\[\[(.+?)\|([A-Z]+)\]\]")
_WORD = re.compile(r"\w+")


class Score(NamedTuple):
    """Word by word: is it personal data or not."""

    precision: float
    recall: float
    f2: float


def held_out() -> list[Text]:
    """The hand-written texts with their spans."""
    return [_unmarked(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]


def score(texts: Iterable[Text]) -> Score:
    """Precision, recall and F2 over all words of ``texts``."""
    hits = alarms = misses = 0
    for text in texts:
        found = [finding[:2] for finding in find(text.text)]
        for word in _WORD.finditer(text.text):
            is_gold = _is_in(word.span(), [span[:2] for span in text.spans])
            is_found = _is_in(word.span(), found)
            hits += is_gold and is_found
            alarms += is_found and not is_gold
            misses += is_gold and not is_found
    precision, recall = hits / max(hits + alarms, 1), hits / max(hits + misses, 1)
    return Score(precision, recall, 5 * precision * recall / max(4 * precision + recall, 1e-9))


def alarms_per_thousand_words(texts: Iterable[str]) -> float:
    """How often texts without personal data are said to hold some."""
    words = alarms = 0
    for text in texts:
        words += len(_WORD.findall(text))
        alarms += len(find(text))
    return 1_000 * alarms / words


def _is_in(word: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < word[1] and word[0] < end for start, end in spans)


def _unmarked(line: str) -> Text:
    text, spans, place = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[place : mark.start()]
        spans.append((len(text), len(text) + len(mark[1]), mark[2]))
        text, place = text + mark[1], mark.end()
    return Text(text + line[place:], tuple(spans))
