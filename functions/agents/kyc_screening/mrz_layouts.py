"""Where the fields of a machine-readable zone stand, for the five layouts of ICAO 9303.

A check digit follows the field that it protects. TD1 has three lines and its own order; all others
have two lines with the same beginning.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Characters ``start`` to ``stop`` of a line."""

    line: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The places of one kind of document."""

    name: str
    lines: int
    width: int
    names: Place
    number: Place
    nationality: Place
    birth: Place
    expiry: Place
    optional: Place
    optional_has_digit: bool = False
    composite: tuple[Place, ...] = ()
    """What the composite digit protects; it is the last character of the second line."""


def _two_lines(
    name: str,
    width: int,
    optional_stop: int,
    *,
    optional_has_digit: bool = False,
    has_composite: bool = True,
) -> Layout:
    protected = (Place(1, 0, 10), Place(1, 13, 20), Place(1, 21, width - 1))
    return Layout(
        name=name,
        lines=2,
        width=width,
        names=Place(0, 5, width),
        number=Place(1, 0, 9),
        nationality=Place(1, 10, 13),
        birth=Place(1, 13, 19),
        expiry=Place(1, 21, 27),
        optional=Place(1, 28, optional_stop),
        optional_has_digit=optional_has_digit,
        composite=protected if has_composite else (),
    )


TD1 = Layout(
    name="TD1",
    lines=3,
    width=30,
    names=Place(2, 0, 30),
    number=Place(0, 5, 14),
    nationality=Place(1, 15, 18),
    birth=Place(1, 0, 6),
    expiry=Place(1, 8, 14),
    optional=Place(0, 15, 30),
    composite=(Place(0, 5, 30), Place(1, 0, 7), Place(1, 8, 15), Place(1, 18, 29)),
)
TD2 = _two_lines("TD2", 36, 35)
TD3 = _two_lines("TD3", 44, 42, optional_has_digit=True)
MRV_A = _two_lines("MRV-A", 44, 44, has_composite=False)
MRV_B = _two_lines("MRV-B", 36, 36, has_composite=False)

LAYOUTS = (TD1, TD2, TD3)
VISAS = (MRV_A, MRV_B)
