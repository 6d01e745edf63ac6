"""What is known about single words: "maria" is a given name, "straße" belongs to streets.

    classes   g given name   s surname    p place       n country    r region     d nationality
              h honorific    t name tail  o company     k jargon     j job        w street
              u unit         c calendar   1-5 how common the word is in English (1: most)

The file holds hashes, not words: a hundred thousand of them load in a millisecond, where a
dictionary takes fifty. Two words in a hundred thousand that are in no list get the classes of
another one, which the model bears. `training.personal_data.lexicon_file` writes it.
"""

import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

LEXICON_FILE = Path(__file__).with_name("model") / "lexicon.bin"
_LONGEST_WORD = 40


class Lexicon(NamedTuple):
    """Sorted hashes of words, for each the number of its classes, and the classes by number."""

    hashes: "array[int]"
    numbers: "array[int]"
    classes: tuple[str, ...]

    def get(self, word: str) -> str | None:
        """The classes of a word in lower case, None if it is unknown."""
        wanted = crc32(word.encode())
        place = bisect_left(self.hashes, wanted)
        if place == len(self.hashes) or self.hashes[place] != wanted:
            return None
        return self.classes[self.numbers[place]]


def packed(words: Mapping[str, str]) -> bytes:
    """The content of a lexicon file: a line with all classes, then hashes, then numbers."""
    classes = sorted(set(words.values()))
    number_of = {known: number for number, known in enumerate(classes)}
    rows = {crc32(word.encode()): number_of[known] for word, known in sorted(words.items())}
    hashes, numbers = array("I", sorted(rows)), array("H", (rows[key] for key in sorted(rows)))
    return " ".join(classes).encode() + b"\n" + _little_endian(hashes) + _little_endian(numbers)


def unpacked(content: bytes) -> Lexicon:
    """The lexicon in a file's content."""
    head, _, body = content.partition(b"\n")
    hashes, numbers = array("I"), array("H")
    count = len(body) // (hashes.itemsize + numbers.itemsize)
    hashes.frombytes(body[: count * hashes.itemsize])
    numbers.frombytes(body[count * hashes.itemsize :])
    if sys.byteorder == "big":
        hashes.byteswap()
        numbers.byteswap()
    return Lexicon(hashes, numbers, tuple(head.decode().split()))


@lru_cache(maxsize=32_768)
def classes_of(word: str) -> str:
    """The classes of ``word``, whatever its case and with or without its accents."""
    lower = word[:_LONGEST_WORD].lower()
    known = _lexicon().get(lower)
    if known is None and not lower.isascii():
        known = _lexicon().get(without_accents(lower))
    return known or ""


def without_accents(word: str) -> str:
    """``Ångström`` as an ASCII keyboard writes it: ``Angstrom``."""
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


@cache
def _lexicon() -> Lexicon:
    return unpacked(LEXICON_FILE.read_bytes())


def _little_endian(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
