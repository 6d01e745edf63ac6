"""Whether two spellings may be the name of one person.

A document writes a name twice, once for people and once for machines, and applicants write it in
their own way: without accents, without a middle name, in another order.
"""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
# As ICAO 9303 (part 3, section 6) writes them where a machine reads.
_MACHINE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ĳ": "ij"})

Spellings = frozenset[str]


def fold(text: str) -> str:
    """Small letters without accents, so that spellings of one word become equal."""
    small = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", small)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def parts(name: str) -> tuple[Spellings, ...]:
    """The words of a name, each in the spellings that it may have."""
    # An apostrophe joins, everything else that is no letter parts: O'Neill, Smith-Jones.
    words = re.findall(r"[^\W\d_]+", re.sub(r"['\u2019`]", "", name))
    return tuple(frozenset({fold(word), _for_machines(word)}) for word in words)


def same_person(one: str, other: str) -> bool:
    """Whether all of the shorter name is in the longer one, and it is more than a single word.

    An initial stands for the name that it begins.
    """
    shorter, longer = sorted((parts(one), parts(other)), key=len)
    if not shorter or (len(shorter) == 1 and len(longer) > 1):
        return False
    left = list(longer)
    for part in sorted(shorter, key=_is_initial):
        match = next((other for other in left if _matches(part, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def stands_in(name: str, text: str) -> bool:
    """Whether every word of a name stands somewhere in a text."""
    words = parts(text)
    return all(any(not part.isdisjoint(word) for word in words) for part in parts(name))


def _for_machines(word: str) -> str:
    return fold(unicodedata.normalize("NFC", word).casefold().translate(_MACHINE))


def _is_initial(part: Spellings) -> bool:
    return all(len(spelling) == 1 for spelling in part)


def _matches(one: Spellings, other: Spellings) -> bool:
    if _is_initial(one) or _is_initial(other):
        return {spelling[0] for spelling in one} & {spelling[0] for spelling in other} != set()
    return not one.isdisjoint(other)
