"""Cutting a text into the tokens that the sequence model labels.

A finding of the recognisers becomes one token named after its type, so that the model sees
"reach Ann at <EMAIL_ADDRESS>" instead of the parts of an address.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from functions.domain.personal_data.entities import Finding

FINDING, CANDIDATE = "!", "?"
_DIGITS = re.compile(r"\d+")
_LONGEST_CHUNK = 200
_CHUNK = re.compile(rf"\n\s*|\S{{1,{_LONGEST_CHUNK}}}")
# Repeated signs are one token: a ruler of dashes carries no more than a dash.
_TOKEN = re.compile(r"\w+|([^\w\s])\1*")
_EDGES = ".,;:!?()[]{}<>\"'`*_-|/"
_KINDS = (
    (
        "t",
        re.compile(
            r"[_/\\=<>(){}\[\]|@#$%&*+~^]|[^\W\d][.:]\w|\w[.:][^\W\d]|[a-z][A-Z]\w*[a-z][A-Z]"
        ),
    ),
    ("h", re.compile(r"\d-?[^\W\d]|[^\W\d]-?\d|\d-\d")),
    ("c", re.compile(r"\w[,;]\w")),
    ("d", re.compile(r"\d")),
)


class Token(NamedTuple):
    """A word, a sign or something whole, and how it is surrounded.

    ``line`` counts the line breaks before it. ``chunk`` tells what stands between the blanks
    around it: t technical (``a.b_c``), h a number with letters, c a list without blanks, d digits,
    w words; or that the token is itself whole: a finding (!) or a candidate for one (?).
    """

    text: str
    start: int
    end: int
    line: int
    chunk: str = "w"

    @property
    def is_finding(self) -> bool:
        return self.chunk == FINDING


def tokenize(text: str, whole: Sequence[Finding] = ()) -> list[Token]:
    """Cut ``text`` into tokens; what is in ``whole`` (sorted, without overlaps) stays together."""
    tokens: list[Token] = []
    line = place = 0
    for finding in whole:
        line = _cut(text, place, finding.start, line, tokens)
        tokens.append(_whole(text, finding, line))
        place = finding.end
    _cut(text, place, len(text), line, tokens)
    return tokens


def _whole(text: str, finding: Finding, line: int) -> Token:
    """A finding is named after its type, a candidate (of no score yet) after its digits."""
    start, end = finding.start, finding.end
    if finding.score:
        return Token(f"<{finding.entity_type}>", start, end, line, FINDING)
    groups = _DIGITS.sub(lambda run: str(len(run[0])), text[start:end])
    return Token(f"<{groups}>", start, end, line, CANDIDATE)


def _cut(text: str, start: int, end: int, line: int, tokens: list[Token]) -> int:
    """Append the tokens between two places; return the line number at the end."""
    for chunk in _CHUNK.finditer(text, start, end):
        content, place = chunk[0], chunk.start()
        if content[0] == "\n":
            line += 1
        elif content.isalpha():
            tokens.append(Token(content, place, chunk.end(), line))
        else:
            kind = _kind(content)
            tokens += [
                Token(match[0][0] if match[1] else match[0], *match.span(), line, kind)
                for match in _TOKEN.finditer(text, place, chunk.end())
            ]
    return line


@lru_cache(maxsize=8_192)
def _kind(chunk: str) -> str:
    inner = chunk.strip(_EDGES)
    return next((kind for kind, form in _KINDS if form.search(inner)), "w")
