"""Building the detector's lexicon from the word lists: each word with all that is known of it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from functions.domain.personal_data.lexicon import without_accents
from training.personal_data.wordlists import common, words

_LISTS = {
    "g": "given_names",
    "s": "surnames",
    "p": "places",
    "n": "countries",
    "r": "regions",
    "d": "demonyms",
    "h": "honorifics",
    "t": "name_tails",
    "o": "company_words",
    "c": "calendar_words",
    "j": "jobs",
    "w": "street_words",
    "u": "unit_words",
    "k": "products",
}
_RANKS = (("1", 300), ("2", 2_000), ("3", 6_000), ("4", 16_000), ("5", 42_000))
# In lists of phrases these words say nothing: "Isle of Man", "head of marketing".
_TOO_COMMON = frozenset(common(150))
_WORD = re.compile(r"\w+")


def lexicon() -> dict[str, str]:
    """Every word of the lists in lower case, with its classes."""
    return {word: "".join(sorted(letters)) for word, letters in _classes().items()}


def _classes() -> dict[str, set[str]]:
    classes: dict[str, set[str]] = defaultdict(set)
    for letter, name in _LISTS.items():
        for word in _spellings(words(name)):
            if word not in _TOO_COMMON or letter in "hcdwuo":
                classes[word].add(letter)
    for letter, name in (("r", "region_codes"), ("k", "jargon")):
        for word in _spellings(words(name)):
            classes[word].add(letter)
    start = 0
    for letter, end in _RANKS:
        for word in common(end)[start:]:
            classes[word].add(letter)
        start = end
    return classes


def _spellings(entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        for word in _WORD.findall(entry.lower()):
            if len(word) > 1:
                yield word
                yield without_accents(word)
