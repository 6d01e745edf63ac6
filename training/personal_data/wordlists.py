"""The committed word lists, and words that look like theirs but are in no list."""

import random
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).with_name("words")
_SHORTEST, _LONGEST = 3, 12
_START, _END = "^^", "$"


@cache
def words(name: str) -> tuple[str, ...]:
    """The entries of one list: a file of its own, or a list in ``shapes.toml``."""
    if name in _toml("shapes"):
        return tuple(_toml("shapes")[name])
    return tuple((WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines())


@cache
def parts_of_speech(kind: str) -> tuple[str, ...]:
    """Plain ``nouns``, ``verbs`` or ``adjectives`` for filler sentences."""
    return tuple(_toml("parts_of_speech")[kind].split())


@cache
def common(rank: int) -> tuple[str, ...]:
    """The most frequent English words, up to a rank."""
    return words("common_words")[:rank]


def invented(rng: random.Random, like: str) -> str:
    """A word that resembles those of a list: the model must not depend on knowing a name."""
    following = _letters_after(like)
    word, pair = "", _START
    while len(word) < _LONGEST and (letter := rng.choice(following[pair])) != _END:
        word, pair = word + letter, pair[1] + letter
    return word if len(word) >= _SHORTEST else invented(rng, like)


@cache
def _letters_after(like: str) -> dict[str, list[str]]:
    following: dict[str, list[str]] = defaultdict(list)
    for entry in words(like):
        padded = f"{_START}{entry.split()[0]}{_END}"
        for place in range(len(padded) - len(_START)):
            following[padded[place : place + 2]].append(padded[place + 2])
    return following


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))
