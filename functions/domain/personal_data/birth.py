"""Dates of birth and ages: a date is personal when the words around it speak of a birth."""

import re
from collections.abc import Iterator
from functools import cache

from functions.domain.personal_data.entities import EntityType, Finding

_REACH = 56
_STEMS = ("birth", "born", "dob", "d.o.b", "geb", "née", "né ", "nacim", "nascit", "naissance")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)\.?"
)
_NUMERIC = "|".join(
    rf"\d{{4}}{sign}\d{{1,2}}{sign}\d{{1,2}}|\d{{1,2}}{sign}\d{{1,2}}{sign}(?:\d{{4}}|\d\d)"
    for sign in ("-", "/", r"\.", " ")
)
_DATE = (
    rf"\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of)?[ -]{_MONTH},?[ -](?:\d{{4}}|\d\d)|"
    rf"{_MONTH}[ -]\d{{1,2}}(?:st|nd|rd|th)?,?[ -](?:of )?\d{{4}}|"
    rf"{_NUMERIC}|"
    rf"{_MONTH},? (?:of )?(?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?!\w)|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|(?:19|20)\d\d|(?:19|20)?\d{{6}}"
)
_ADULT_OR_CHILD = (
    "man|woman|male|female|boy|girl|patient|person|gentleman|lady|mother|father|son|daughter|"
    "husband|wife|student|child|kid|teenager|resident|widow|lawyer|teacher|nurse|player|actor|singer"
)


@cache
def _birth_words() -> re.Pattern[str]:
    return re.compile(
        r"(?i)(?<![a-z])(?:(?:date|day|month|year|place and date) of birth|birth[ _-]?da(?:te|y)|"
        r"d\.?o\.?b\b\.?|born|geb(?:oren|urtsdatum|\.)|née? le|fecha de nacimiento|data di nascita|"
        r"data de nascimento|geboortedatum|date de naissance)"
    )


@cache
def _date() -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![\w.])(?:{_DATE})(?!\w|[-/.]\d)")


@cache
def _date_then_birth() -> re.Pattern[str]:
    return re.compile(
        rf"(?i)(?<![\w.])(?P<value>{_DATE})"
        r"(?=[ ,]{0,2}(?:\(?(?:dob|born|date of birth)\b|is (?:my|his|her) birth))"
    )


@cache
def _age() -> re.Pattern[str]:
    return re.compile(
        rf"(?i)(?<![\w.-])(?:(?P<a>\d{{1,3}})[- ]years?[- ]old(?= (?:{_ADULT_OR_CHILD})\b)|"
        r"(?:(?:i|he|she|who|they|aged)(?:'?m|'s| am| is| was| are)?|aged?|(?<=of )age) "
        r"(?P<b>\d{1,3})(?= (?:years|yrs) old| ?y/?o\b|(?<=aged \d\d)(?! (?:days|hours|min|%))))"
    )


def birth_dates(text: str) -> Iterator[Finding]:
    """Dates (whole, partial or a year) that are said to be somebody's birth."""
    lower = text.lower()
    if not any(stem in lower for stem in _STEMS):
        return
    for words in _birth_words().finditer(text):
        if value := _date().search(text, words.end(), words.end() + _REACH):
            yield Finding(*value.span(), EntityType.DATE_OF_BIRTH, 0.85)
    for value in _date_then_birth().finditer(text):
        yield Finding(*value.span("value"), EntityType.DATE_OF_BIRTH, 0.8)


def ages(text: str) -> Iterator[Finding]:
    """Ages of people, told from the ages of things by the word before or behind."""
    for match in _age().finditer(text):
        yield Finding(*match.span(match.lastgroup or 0), EntityType.AGE, 0.7)
