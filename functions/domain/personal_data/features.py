"""What the sequence model sees of each token: its form, its classes, its neighbours, its line.

The identity of a word is shown only where the word is common: names must be recognised by what
they look like and where they stand, or the model would know its training data and nothing else.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from functions.domain.personal_data.lexicon import classes_of
from functions.domain.personal_data.tokens import WORDS, Token

MIXED, INSIDE = "m", "n"
_OPEN_CLASSES = frozenset("gspnr45")
_DIGITS_OR_SIGNS = frozenset("0123456789(+")
_LONGEST_SHAPE = 12
_RUNS = re.compile(r"(.)\1+")
# Fewer capitalised words than this share, and a line is not written in title case.
_TITLE_CASE_SHARE = 0.75
_FEWEST_WORDS_OF_A_TITLE = 3
# A colon further behind does not end a label.
_LATEST_LABEL = 4


class Word:
    """The features of a word that do not depend on where it stands."""

    __slots__ = ("after", "alone", "before", "classes", "name", "shape")

    def __init__(self, text: str, classes: str) -> None:
        lower = text[:40].lower()
        self.classes = classes
        self.shape = _shape(text)
        self.name = _name(lower, classes, self.shape)
        self.alone = (
            f"w={self.name}",
            f"l={classes}",
            f"s={self.shape}",
            f"3={lower[-3:]}",
            f"p={lower[:3]}",
            *(f"L={letter}" for letter in classes if len(classes) > 1),
        )
        self.before = (f"-w={self.name}", f"-l={classes}")
        self.after = (f"+w={self.name}", f"+l={classes}")


@lru_cache(maxsize=32_768)
def known_word(text: str) -> Word:
    """A token's text with the classes that the lexicon has for it."""
    return Word(text, "" if _is_whole(text) else classes_of(text))


def features(
    tokens: Sequence[Token], word_of: Callable[[str], Word] = known_word
) -> list[list[str]]:
    """One list of features per token."""
    words = [word_of(token.text) for token in tokens]
    edges = [known_word("<edge>")] * 2
    padded = [*edges, *words, *edges]
    lines = _line_features(tokens, words)
    return [
        _features_at(padded[place : place + 5], lines[place], token.chunk)
        for place, token in enumerate(tokens)
    ]


def _features_at(window: list[Word], line: tuple[str, str, str], chunk: str) -> list[str]:
    far_before, before, word, after, far_after = window
    seen = [
        *word.alone,
        *before.before,
        *after.after,
        f"=w={far_before.name}",
        f"*w={far_after.name}",
        f"ww={far_before.name}|{before.name}",
        f"-n={before.name}|{after.name}",
        f"ll={before.classes}|{word.classes}",
        f"lm={word.classes}|{after.classes}",
        f"ss={before.shape}|{word.shape}|{after.shape}",
    ]
    # The usual case is not worth a feature: every one of them costs time in every text.
    case, position, label = line
    if case != MIXED:
        seen.append(f"c={case}|{word.shape}|{word.classes}")
    if position != INSIDE:
        seen.append(f"b={position}|{word.shape}")
    if label:
        seen.append(f"f={label}|{word.shape}")
    if chunk != WORDS:
        seen.append(f"k={chunk}|{word.shape}")
    return seen


def _line_features(tokens: Sequence[Token], words: Sequence[Word]) -> list[tuple[str, str, str]]:
    described: list[tuple[str, str, str]] = []
    for _, group in groupby(tokens, key=attrgetter("line")):
        line = [token.text for token in group]
        start, last = len(described), len(line) - 1
        case = _case(line)
        label = _label([word.name for word in words[start : start + _LATEST_LABEL]])
        described += [(case, _position(at, last), label) for at in range(len(line))]
    return described


def _case(line: list[str]) -> str:
    """How a line is written: l lower case, u upper case, t title case, m mixed."""
    words = [word for word in line if word.isalpha() and len(word) > 1]
    if all(map(str.islower, words)):
        return "l"
    if len(words) > 1 and all(map(str.isupper, words)):
        return "u"
    capitalised = sum(word[0].isupper() for word in words)
    is_title = len(words) >= _FEWEST_WORDS_OF_A_TITLE
    return "t" if is_title and capitalised >= _TITLE_CASE_SHARE * len(words) else MIXED


def _position(place: int, last: int) -> str:
    start = ("0", "1", INSIDE)[min(place, 2)]
    return start + ("e" if place == last else "")


def _label(names: list[str]) -> str:
    """The word before an early colon, as in forms: ``Name: …``."""
    if ":" not in names:
        return ""
    return names[max(0, names.index(":") - 1)]


def _is_whole(text: str) -> bool:
    """Findings and candidates have names like ``<URL>``, which no word has."""
    return len(text) > 1 and text[0] == "<"


def _name(lower: str, classes: str, shape: str) -> str:
    """The word itself if it is common, a sign or a finding; else no more than its kind."""
    if shape.startswith("<"):
        return "<#>" if shape[1:2] in _DIGITS_OR_SIGNS else shape
    if set(classes) - _OPEN_CLASSES or not lower[:1].isalnum():
        return lower
    return shape if lower[0].isdigit() else "~"


def _shape(text: str) -> str:
    """``McDonald7`` becomes ``XxXx9``; digits keep their number, since postcodes have one."""
    if text.startswith("<"):
        return text
    if text.isdecimal():
        return "9" * min(len(text), _LONGEST_SHAPE)
    return _RUNS.sub(r"\1", "".join(map(_shape_of, text[:_LONGEST_SHAPE])))


def _shape_of(char: str) -> str:
    if char.isupper():
        return "X"
    if char.isdecimal():
        return "9"
    return ("x" if char.isascii() or char.islower() else "字") if char.isalpha() else char
