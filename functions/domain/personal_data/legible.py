"""A text as a reader sees it: full-width digits become digits, invisible characters vanish.

Whoever wants to slip a card number past a scanner writes it in full-width digits or puts zero-width
spaces between them. The detector therefore reads a folded copy, and its findings are mapped back to
the characters of the original.
"""

import re
import unicodedata
from functools import cache

from functions.domain.personal_data.entities import Finding

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_QUOTES = frozenset("\u2018\u2019\u02bc")


def fold(text: str) -> str:
    """Replace each character by the plain one it looks like; the length stays the same."""
    return text if text.isascii() else _FOREIGN.sub(lambda match: _plain(match[0]), text)


def without_invisible(text: str) -> tuple[str, list[int] | None]:
    """Drop characters of no width; also each kept character's old place, if any was dropped."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text, None
    kept = [place for place, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[place] for place in kept), kept


def in_original(findings: list[Finding], places: list[int] | None) -> list[Finding]:
    """Move findings from a text without invisible characters back to the original."""
    if places is None:
        return findings
    return [
        finding._replace(start=places[finding.start], end=places[finding.end - 1] + 1)
        for finding in findings
    ]


@cache
def _plain(char: str) -> str:
    if char in _DASHES:
        return "-"
    if char in _QUOTES:
        return "'"
    if unicodedata.category(char) == "Zs":
        return " "
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
