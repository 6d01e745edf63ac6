"""Nationalities as documents write them: codes, names and adjectives in the languages of issuers.

``countries.tsv`` is ISO 3166-1 with those words; what is not in it is not guessed.
"""

import csv
import re
from functools import cache
from pathlib import Path

from .names import fold

# Codes of ICAO 9303 (part 3, section 5) that are no codes of ISO 3166.
_OF_MACHINES = {"D": "DEU", **dict.fromkeys(("GBD", "GBN", "GBO", "GBP", "GBS"), "GBR")}

SHORT = 2


def alpha_3(written: str) -> str | None:
    """The country that these words mean, as its ISO 3166-1 alpha-3 code.

    A bilingual ``SVENSK/SWEDISH`` is one country; words of two countries are none.
    """
    if written in _OF_MACHINES:
        return _OF_MACHINES[written]
    meant = {_words().get(_key(part)) for part in (written, *re.split(r"[/|,]", written))}
    known = meant - {None}
    return known.pop() if len(known) == 1 else None


def is_named_in(country: str, text: str) -> bool:
    """Whether a text holds a name, an adjective or the three-letter code of this country."""
    stretch = f" {_key(text)} "
    # Two letters are a word of some language far too often: no, is, de.
    words = (word for word, of in _words().items() if of == country and len(word) > SHORT)
    return any(f" {word} " in stretch for word in words)


@cache
def _words() -> dict[str, str]:
    text = Path(__file__).with_name("countries.tsv").read_text(encoding="utf-8")
    return {
        _key(word): row["alpha_3"]
        for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        for word in (row["alpha_3"], row["alpha_2"], *row["names"].split("|"))
    }


def _key(words: str) -> str:
    return " ".join(re.findall(r"\w+", fold(words)))
