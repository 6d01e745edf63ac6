"""Dates as documents write them, in many orders, languages and with two-digit years.

A written date may mean several days: ``03/04/1990`` does, and so may any two-digit year. So reading
gives all candidates; which of them is meant has to be proved by something else, never guessed.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

LONGEST_LIFE_YEARS = 110
LONGEST_VALIDITY_YEARS = 50

Days = frozenset[date]
NO_DAYS: Days = frozenset()

_MONTHS = {
    1: "jan ene gen sty",
    2: "feb fev fév lut",
    3: "mar mär mrt maa",
    4: "apr avr abr kwi",
    5: "mai may mag mei maj",
    6: "jun juin giu cze",
    7: "jul juil lug lip",
    8: "aug aou aoû ago sie",
    9: "sep set wrz",
    10: "oct okt ott out paź paz",
    11: "nov lis",
    12: "dec dez déc dic des gru",
}
_MONTH_OF = {start: month for month, starts in _MONTHS.items() for start in starts.split()}

_WORD = r"([^\W\d_]{3,})\.?(?: ?/ ?[^\W\d_]{3,}\.?)?"  # a bilingual "AUG/AOÛT" is one month
_GAP = r"[ .,]{0,2}(?:de )?"
_YEAR = r"(\d{4}|\d{2})"
_YEAR_FIRST = re.compile(r"(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})")
_NUMBERS = re.compile(rf"(\d{{1,2}})([-./ ]) ?(\d{{1,2}})[-./ ] ?{_YEAR}")
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|er)?"
_DAY_AND_WORD = re.compile(rf"{_ORDINAL}{_GAP}{_WORD}{_GAP}{_YEAR}", re.IGNORECASE)
_WORD_AND_DAY = re.compile(rf"{_WORD} ?{_ORDINAL}[ ,]{{1,2}}(\d{{4}})", re.IGNORECASE)
_ANY = re.compile(
    r"(?<!\w)(?<!\d[-./])(?:"
    + "|".join(p.pattern for p in (_YEAR_FIRST, _NUMBERS, _DAY_AND_WORD, _WORD_AND_DAY))
    + r")(?!\w|[-./]\d)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Days]:
    """Every date that is written in a text, each as the days that it may mean."""
    for match in _ANY.finditer(text):
        if days := _days(match.group()):
            yield days


def read(quote: str) -> Days:
    """The days that a quote may mean; none unless it holds exactly one date."""
    found = list(find(quote))
    return found[0] if len(found) == 1 else NO_DAYS


def from_mrz(yymmdd: str) -> Days:
    """The days that six characters of a machine-readable zone may mean."""
    if not yymmdd.isdecimal():
        return NO_DAYS  # the day or the month may be unknown, and is then a filler
    return _calendar(yymmdd[:2], int(yymmdd[2:4]), int(yymmdd[4:]))


def births(days: Days, today: date) -> Days:
    """Those on which a living person may have been born."""
    oldest = today.year - LONGEST_LIFE_YEARS
    return frozenset(day for day in days if oldest <= day.year and day <= today)


def expiries(days: Days, today: date) -> Days:
    """Those on which a document that is shown today may end."""
    return frozenset(day for day in days if abs(today.year - day.year) <= LONGEST_VALIDITY_YEARS)


def the_only(days: Iterable[date]) -> date | None:
    """The day, if there is no doubt which."""
    known = set(days)
    return known.pop() if len(known) == 1 else None


def full_years(since: date, until: date) -> int:
    """As ages are counted."""
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def _days(written: str) -> Days:
    if match := _YEAR_FIRST.fullmatch(written):
        year, month, day = match.groups()
        return _calendar(year, int(month), int(day))
    if match := _NUMBERS.fullmatch(written):
        first, separator, second, year = match.groups()
        day_first = _calendar(year, int(second), int(first))
        # With dots or spaces nobody writes the month first; with slashes and hyphens many do.
        month_first = _calendar(year, int(first), int(second)) if separator in "/-" else NO_DAYS
        return day_first | month_first
    if match := _DAY_AND_WORD.fullmatch(written):
        day, word, year = match.groups()
        return _calendar(year, _month(word), int(day))
    if match := _WORD_AND_DAY.fullmatch(written):
        word, day, year = match.groups()
        return _calendar(year, _month(word), int(day))
    return NO_DAYS


def _month(word: str) -> int:
    """1 to 12, or 0 for a word that begins no month."""
    start = word.casefold()
    return _MONTH_OF.get(start[:4]) or _MONTH_OF.get(start[:3], 0)


def _calendar(year: str, month: int, day: int) -> Days:
    years = (int(year),) if len(year) == 4 else (1900 + int(year), 2000 + int(year))  # noqa: PLR2004  # digits of a year
    return frozenset(made for each in years if (made := _date(each, month, day)))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
