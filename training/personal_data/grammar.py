"""Names, organisations, places and addresses, put together by the forms of ``grammar.toml``."""

import random
import re
import string
import tomllib
from functools import cache, partial
from pathlib import Path

from training.personal_data.wordlists import common, invented, words

_FILE = Path(__file__).with_name("grammar.toml")
_SLOT = re.compile(r"\{([^{}]+)\}")
_RANGE = re.compile(r"(\d+)-(\d+)$")
_ALPHABETS = {
    "9": string.digits,
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "f": "0123456789abcdef",
}
_LINE_ENDS = (", ", ", ", " ", "\n", "\n ", ",\n", "\n, ")


def expand(symbol: str, rng: random.Random) -> str:
    """One way to write a ``person``, a ``city``, an ``address`` and so on."""
    if symbol not in _grammar():
        return rng.choice(words(symbol))
    forms = _grammar()[symbol]
    form = rng.choices(list(forms), weights=list(forms.values()))[0]
    return _SLOT.sub(lambda slot: _terminal(slot[1], rng), form)


def address(rng: random.Random) -> str:
    """A postal address on one line or on several."""
    return expand("address", rng).replace("//", rng.choice(_LINE_ENDS))


def filled(rng: random.Random, form: str) -> str:
    """``9`` becomes a digit, ``A`` a capital, ``a`` a small letter, ``f`` a hexadecimal digit."""
    return "".join(rng.choice(_ALPHABETS[sign]) if sign in _ALPHABETS else sign for sign in form)


def _terminal(slot: str, rng: random.Random) -> str:
    if slot.startswith("^"):
        return _terminal(slot[1:], rng).title()
    if slot.startswith("<"):
        return rng.choice(common(int(slot[1:])))
    if numbers := _RANGE.match(slot):
        return str(rng.randint(int(numbers[1]), int(numbers[2])))
    make = {"~": partial(invented, rng), "#": partial(filled, rng)}.get(slot[0])
    return make(slot[1:]) if make else expand(slot, rng)


@cache
def _grammar() -> dict[str, dict[str, int]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
