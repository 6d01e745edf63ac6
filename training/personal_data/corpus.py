r"""The labelled corpus: templates filled with generated values, in many casings.

A template is one line. ``{person}`` is a value (labelled if it is personal data), ``[a|b]`` is a
choice, ``\n`` a line break, and doubled braces are braces. ``{address:> }`` starts each further
line of the address with ``> ``.
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from training.personal_data.fillers import FILLERS

TEMPLATES = Path(__file__).with_name("templates")
# How often each file of templates is used; about half of all texts hold no personal data.
SHARES = {
    "chat": 26,
    "mail": 14,
    "forms": 13,
    "prose": 22,
    "letters": 7,
    "tickets": 7,
    "business": 38,
    "machine": 26,
    "technical": 34,
}
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{\{|\}\}|\{(\w+)(?::([^}]*))?\}")
_LOWER, _UPPER, _TITLE = 0.15, 0.20, 0.23


class Text(NamedTuple):
    """A text with its labelled spans: start, end, entity type."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()


def corpus(rng: random.Random, count: int) -> Iterator[Text]:
    """``count`` texts; some are several templates one after the other."""
    names, weights = list(SHARES), list(SHARES.values())
    for _ in range(count):
        text = Text("")
        for part in range(rng.choice((1, 1, 1, 2, 3))):
            kind = rng.choices(names, weights=weights)[0]
            glue = rng.choice((" ", " ", "\n")) if part else ""
            text = _joined(text, glue, fill(rng.choice(templates()[kind]), rng))
        yield _cased(text, rng)


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """Template files by name, one template a line."""
    return {
        name: tuple((TEMPLATES / f"{name}.txt").read_text(encoding="utf-8").splitlines())
        for name in SHARES
    }


def fill(template: str, rng: random.Random) -> Text:
    """Fill one template."""
    while _CHOICE.search(template):
        template = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
    template = template.replace("\\n", "\n").replace("\\t", "\t")
    text, spans, place = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[place : slot.start()]
        place = slot.end()
        value, kind = _value(slot, rng)
        if kind:
            spans.append((len(text), len(text) + len(value), kind))
        text += value
    return Text(text + template[place:], tuple(spans))


def _value(slot: re.Match[str], rng: random.Random) -> tuple[str, str]:
    name, margin = slot[1], slot[2]
    if name is None:
        return slot[0][0], ""
    filler = FILLERS[name]
    value = filler.make(rng)
    return (value.replace("\n", f"\n{margin}") if margin else value), filler.entity_type


def _cased(text: Text, rng: random.Random) -> Text:
    roll = rng.random()
    changed = text.text
    if roll < _LOWER:
        changed = changed.lower()
    elif roll < _UPPER:
        changed = changed.upper()
    elif roll < _TITLE:
        changed = changed.title()
    # Some letters change their number with their case ("ß", "İ"), and the spans would be wrong.
    return Text(changed, text.spans) if len(changed) == len(text.text) else text


def _joined(first: Text, glue: str, second: Text) -> Text:
    offset = len(first.text) + len(glue)
    moved = tuple((start + offset, end + offset, kind) for start, end, kind in second.spans)
    return Text(first.text + glue + second.text, first.spans + moved)
