"""The machine-readable zone of a travel document, found, read and checked as ICAO 9303 says.

Check digits catch a misreading or a clumsy change; they are no signature, and a skilled forger gets
them right. A zone that does not have the shape of exactly one document is damaged, and nothing is
taken from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .mrz_layouts import LAYOUTS, VISAS, Layout, Place

FILLER = "<"
WEIGHTS = (7, 3, 1)
FIRST_LETTERS = "ACIPV"
LONGEST_LINE = 100  # with the blanks that OCR puts between the characters
_WIDTHS = {layout.width for layout in (*LAYOUTS, *VISAS)}
_MACHINE = re.compile(r"[A-Z0-9<]{20,50}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mrz:
    """The fields of a zone, as they stand there, and the digits that are wrong."""

    layout: Layout
    lines: tuple[str, ...]
    """As they stand in the document."""
    code: str
    """``P`` passport, ``V`` visa, ``I``, ``A`` or ``C`` card; the second letter is the issuer's."""
    surname: str
    given_names: str
    number: str
    nationality: str
    birth: str
    expiry: str
    wrong_digits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """The lines of a text that are meant for machines, and what they say if they are whole."""

    lines: tuple[str, ...]
    mrz: Mrz | None

    @property
    def proved(self) -> Mrz | None:
        """The fields, when all check digits are right."""
        return self.mrz if self.mrz and not self.mrz.wrong_digits else None


def split(text: str) -> tuple[str, Zone]:
    """The part of a document's text that is meant for people, and the part for machines."""
    machine = [line for line in text.splitlines() if _is_machine(line)]
    people = [line for line in text.splitlines() if line not in machine]
    return "\n".join(people), Zone(tuple(machine), _read(machine))


def check_digit(characters: str) -> str:
    """The digit that ICAO 9303 (part 3, 4.9) puts after these characters."""
    total = sum(_value(c) * WEIGHTS[at % 3] for at, c in enumerate(characters))
    return str(total % 10)


def _value(character: str) -> int:
    return 0 if character == FILLER else int(character, 36)


def _compact(line: str) -> str:
    # OCR reads two fillers as one angle quote, and puts spaces where the print is wide.
    return re.sub(r"\s", "", line).replace("«", "<<").replace("\u2039", FILLER)


def _is_machine(line: str) -> bool:
    compact = _compact(line)
    if len(line.strip()) > LONGEST_LINE or not _MACHINE.fullmatch(compact):
        return False
    # A full second line may hold no filler at all, but then it is nearly all digits.
    whole = len(compact) in _WIDTHS and sum(c.isdigit() for c in compact) >= len(compact) // 2
    return FILLER * 2 in compact or whole


def _read(machine: list[str]) -> Mrz | None:
    lines = [_compact(line) for line in machine]
    if not lines or lines[0][0] not in FIRST_LETTERS:
        return None
    for layout in VISAS if lines[0].startswith("V") else LAYOUTS:
        if len(lines) == layout.lines and {len(line) for line in lines} == {layout.width}:
            return _fields(layout, lines, tuple(machine))
    return None


def _fields(layout: Layout, lines: list[str], as_printed: tuple[str, ...]) -> Mrz:
    surname, _, given = _at(lines, layout.names).partition(FILLER * 2)
    number, _ = _number(layout, lines)
    return Mrz(
        layout=layout,
        lines=as_printed,
        code=lines[0][:2].rstrip(FILLER),
        surname=_words(surname),
        given_names=_words(given),
        number=number.replace(FILLER, ""),
        nationality=_at(lines, layout.nationality).rstrip(FILLER),
        birth=_at(lines, layout.birth),
        expiry=_at(lines, layout.expiry),
        wrong_digits=tuple(
            name
            for name, protected, digit in _protected(layout, lines)
            if check_digit(protected) != digit
        ),
    )


def _protected(layout: Layout, lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """Each field with the digit that protects it."""
    yield ("document number", *_number(layout, lines))
    yield ("date of birth", _at(lines, layout.birth), _after(lines, layout.birth))
    yield ("date of expiry", _at(lines, layout.expiry), _after(lines, layout.expiry))
    if layout.optional_has_digit:
        optional, digit = _at(lines, layout.optional), _after(lines, layout.optional)
        if not optional.strip(FILLER):
            digit = digit.replace(FILLER, "0")  # only an empty field may leave its digit out
        yield "optional data", optional, digit
    if layout.composite:
        yield "composite", "".join(_at(lines, place) for place in layout.composite), lines[1][-1]


def _number(layout: Layout, lines: list[str]) -> tuple[str, str]:
    """The document number and its digit; a long number goes on in the optional data."""
    number, digit = _at(lines, layout.number), _after(lines, layout.number)
    rest = _at(lines, layout.optional).partition(FILLER)[0]
    goes_on = digit == FILLER and len(rest) > 1 and layout.name in {"TD1", "TD2"}
    return (number + rest[:-1], rest[-1]) if goes_on else (number, digit)


def _at(lines: list[str], place: Place) -> str:
    return lines[place.line][place.start : place.stop]


def _after(lines: list[str], place: Place) -> str:
    return lines[place.line][place.stop]


def _words(field: str) -> str:
    return " ".join(field.replace(FILLER, " ").split())
