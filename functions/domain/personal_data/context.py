"""Reading the words around a candidate: many numbers are personal only because of their label."""

import re


def said_before(text: str, start: int, words: re.Pattern[str], reach: int = 40) -> int:
    """Where the last of ``words`` before ``start`` ends, or -1 when none is within reach."""
    last = -1
    for match in words.finditer(text, max(0, start - reach), start):
        last = match.end()
    return last


def said_behind(text: str, end: int, words: re.Pattern[str]) -> bool:
    """Do ``words`` follow at once."""
    return words.match(text, end) is not None


def lower_case(text: str) -> str:
    """``text`` in lower case, with every character in its place ("İ" would become two)."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
