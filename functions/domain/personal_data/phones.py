"""Telephone numbers, in the many ways in which people write them.

A number is a telephone number because of its shape (`+49 …`, `(978) 645-9740`), because of the
words around it, or because a numbering plan says so. Of what remains, the sequence model decides by
the whole sentence: `possible_phone_numbers` are its candidates.
"""

import re
from collections.abc import Iterator
from functools import cache

from functions.domain.personal_data.context import said_before, said_behind
from functions.domain.personal_data.entities import EntityType, Finding

_FEWEST_DIGITS, _MOST_DIGITS = 6, 15
_FEWEST_DIGITS_OF_A_CANDIDATE, _MOST_DIGITS_OF_A_CANDIDATE = 7, 12
_SCORE_OF_SHAPE = 0.8
# Where national numbers without any hint are looked up, most frequent first.
_REGIONS = ("GB", "DE", "FR", "IT", "NL", "ES", "CH", "AU", "IN")

_SAID = re.compile(
    r"(?i)\b(?:call(?:s|ed|ing)?|ring|rang|dial(?:l?ed|l?ing)?|line)(?: [a-z]{2,10}){0,3}\W{0,3}$|"
    r"\b(?:tele)?(?:phones?|fax)\b|(?:phone|mobile|fax|tel|cell|contact)(?: ?(?:number|num|no|nr))?"
    r"\b|\b(?:tel|t[eé]l[eé]fonos?|t[eé]l[eé]phone|telefon|handy|gsm|cell(?:ular)?|mobiles?|"
    r"reach(?:ed)?|whats ?app|sms|text(?:ed)?|signal|telegram|pager|hotline|helpline|"
    r"answering|voicemail|landline|extension|(?:my|his|her|their|our|your) number)\b"
)
_SAID_OTHERWISE = re.compile(
    r"(?i)\b(?:orders?|invoices?|tracking|parcel|ref(?:erence)?|ids?|sku|serial|tickets?|batch|"
    r"jobs?|request|trace|transactions?|case|builds?|isbn|ean|upc|gtin|accounts?|iban|version|"
    r"policy|passport|licen[cs]e|ssn|social|security|tax|zip|post ?code|cards?|part|model|amount|"
    r"total|price|usd|eur|gbp|date|born|dob|pin|imei|vin|nhs|medical|record|port|line \d)\b|[$€£]"
)
_SAID_BEHIND = re.compile(
    r"(?i)[\s\\,;:(-]{0,3}(?:(?:office|work|home|mobile|cell|fax|direct|phone|tel|main)\b|[mthwfc]\))"
)
_NORTH_AMERICAN = re.compile(
    r"(?:(?:\+|00)?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}$"
)
_INTERNATIONAL = re.compile(r"\+\s?[1-9(]|00[1-9]\d{0,2}[ ./-]\(?\d")
_AREA_IN_BRACKETS = re.compile(r"(?:\+?\d{1,3}[ .-]?)?\(\+?\d{2,5}\)")
_TRUNK_PREFIX = re.compile(r"0\d{1,5}[ /-]\d")
_DATE = re.compile(
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?!\d)|\d{1,2}([-/. ])\d{1,2}\2(?:19|20)\d{2}(?!\d)|"
    r"\d{1,2}([/.])\d{1,2}\3\d{2}$|(?:19|20)\d{2} ?- ?(?:19|20)\d{2}$"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}$")


@cache
def _number() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.+/$€£#%-])(?<!\d[,:])(?:\+ ?)?(?:\( ?\+?\d{1,5} ?\)[ .-]?)?"
        r"\d{1,14}(?:(?:[ ./-]{1,2}|[ ./-]{0,2}\(\d{1,5}\)[ ./-]{0,2})\d{1,9}){0,7}"
        r"(?P<extension> ?(?:x|ext\.?|extension) ?\d{1,6})?(?!\w|[.:]\d|,\d{3}\b|%)"
    )


def phone_numbers(text: str) -> Iterator[Finding]:
    """Telephone numbers with their extension."""
    for match in _number().finditer(text):
        score = _score(text, match)
        if score:
            yield Finding(*match.span(), EntityType.PHONE_NUMBER, score)


def possible_phone_numbers(text: str) -> Iterator[Finding]:
    """Numbers that are telephone numbers only if the sentence says so."""
    for match in _number().finditer(text):
        digits = sum(map(str.isdigit, match[0]))
        if (
            _FEWEST_DIGITS_OF_A_CANDIDATE <= digits <= _MOST_DIGITS_OF_A_CANDIDATE
            and not _DATE.match(match[0])
            and not _THOUSANDS.match(match[0])
        ):
            yield Finding(*match.span(), EntityType.PHONE_NUMBER, 0.0)


def _score(text: str, match: re.Match[str]) -> float:
    number = match[0].removesuffix(match["extension"] or "")
    digits = sum(map(str.isdigit, number))
    if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS or _DATE.match(number):
        return 0.0
    label, other = _labels(text, match)
    if other > label:
        return 0.0
    if match["extension"]:
        return _SCORE_OF_SHAPE
    return max(_score_of_shape(number), _score_of_label(label, number))


def _labels(text: str, match: re.Match[str]) -> tuple[int, int]:
    """How near the last word is that says "telephone", and the last that says something else."""
    if said_behind(text, match.end(), _SAID_BEHIND):
        return match.start(), -1
    label = said_before(text, match.start(), _SAID, 48)
    return label, said_before(text, match.start(), _SAID_OTHERWISE, 28)


def _score_of_shape(number: str) -> float:
    if _INTERNATIONAL.match(number):
        return 0.9
    if _NORTH_AMERICAN.match(number) or _AREA_IN_BRACKETS.match(number):
        return _SCORE_OF_SHAPE
    return 0.6 if _TRUNK_PREFIX.match(number) and _is_in_a_plan(number) else 0.0


def _score_of_label(label: int, number: str) -> float:
    return 0.75 if label >= 0 and not _THOUSANDS.match(number) else 0.0


def _is_in_a_plan(number: str) -> bool:
    # Imported here: it costs as much CPU as all the rest of the detector's start.
    import phonenumbers

    try:
        readings = [phonenumbers.parse(number, region) for region in _REGIONS]
    except phonenumbers.NumberParseException:
        return False
    return any(map(phonenumbers.is_valid_number, readings))
