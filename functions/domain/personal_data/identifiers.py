"""National identifiers whose form or check digits give them away without any label.

Each row is a form and, where python-stdnum knows the number, the module that validates it. Numbers
whose form says little (nine digits, say) are left to `labelled`.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from functions.domain.personal_data.entities import EntityType, Finding


class Identifier(NamedTuple):
    """A number of some state: what it is, how it is written, who can tell that it is right."""

    entity_type: EntityType
    form: str
    stdnum_module: str = ""


_NATIONAL, _TAX = EntityType.NATIONAL_ID, EntityType.TAX_ID
_DAY, _MONTH = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])"

IDENTIFIERS = (
    Identifier(EntityType.US_SSN, r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}"),
    Identifier(_TAX, r"9\d\d-(?:[57]\d|6[0-5]|8[0-8]|9[0-24-9])-\d{4}", "us.itin"),
    Identifier(_TAX, r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", "in_.pan"),
    Identifier(
        _NATIONAL,  # United Kingdom, national insurance
        r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d\d ?){3}[A-D]",
    ),
    Identifier(
        _NATIONAL, rf"[12] ?\d\d ?{_MONTH} ?(?:\d\d|2[AB])(?: ?\d{{3}}){{2}} ?\d\d", "fr.nir"
    ),
    Identifier(_NATIONAL, r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    Identifier(_NATIONAL, rf"\d\d\.{_MONTH}\.{_DAY}-\d{{3}}\.\d\d", "be.nn"),
    Identifier(_NATIONAL, rf"{_DAY}{_MONTH}\d\d[-+A-FU-Y]\d{{3}}[0-9A-FHJ-NPR-Y]", "fi.hetu"),
    Identifier(_NATIONAL, rf"(?:19|20)?\d\d{_MONTH}{_DAY}[-+]\d{{4}}", "se.personnummer"),
    Identifier(_NATIONAL, r"756\.\d{4}\.\d{4}\.\d\d", "ch.ssn"),
    Identifier(_NATIONAL, rf"\d\d{_MONTH}{_DAY}/\d{{4}}", "cz.rc"),
    Identifier(_NATIONAL, r"[XYZ]-?\d{7}-?[A-Z]", "es.nie"),
    Identifier(_NATIONAL, r"\d{8}-[A-Z]", "es.dni"),
    Identifier(_NATIONAL, r"\d{3}\.\d{3}\.\d{3}-\d\d", "br.cpf"),
    Identifier(_NATIONAL, r"\d{1,2}\.\d{3}\.\d{3}-[\dKk]", "cl.rut"),
    Identifier(
        _NATIONAL, rf"[A-Z][AEIOUX][A-Z]{{2}}\d\d{_MONTH}{_DAY}[HM][A-Z]{{5}}\w\d", "mx.curp"
    ),
    Identifier(_NATIONAL, r"[2-9]\d{3} \d{4} \d{4}", "in_.aadhaar"),
    Identifier(_NATIONAL, rf"[1-9]\d{{5}}(?:19|20)\d\d{_MONTH}{_DAY}\d{{3}}[\dX]", "cn.ric"),
    Identifier(_NATIONAL, rf"\d\d{_MONTH}{_DAY}-[1-4]\d{{6}}", "kr.rrn"),
    # Machine-readable zones: passports with two lines of 44, cards with three of 30.
    Identifier(EntityType.PASSPORT, r"P[A-Z<][A-Z]{3}[A-Z0-9<]{39}(?:\s{1,4}[A-Z0-9<]{44})?"),
    Identifier(
        EntityType.PASSPORT, r"[IAC][A-Z0-9<][A-Z]{3}[A-Z0-9<]{25}(?:\s{1,4}[A-Z0-9<]{30}){0,2}"
    ),
)


@cache
def _any_form() -> re.Pattern[str]:
    forms = "|".join(f"(?P<_{place}>{row.form})" for place, row in enumerate(IDENTIFIERS))
    return re.compile(rf"(?<![\w.+/-])(?=[0-9A-Z])(?:{forms})(?![\w-]|\.\d)")


def national_identifiers(text: str) -> Iterator[Finding]:
    """Numbers that a state gave to a person, and the machine-readable zones of passports."""
    for match in _any_form().finditer(text):
        row = IDENTIFIERS[int((match.lastgroup or "_0")[1:])]
        if _has_filler_if_mrz(row, match[0]) and (
            not row.stdnum_module or is_valid(row.stdnum_module, match[0])
        ):
            yield Finding(*match.span(), row.entity_type, 0.95)


def is_valid(stdnum_module: str, number: str) -> bool:
    """Ask python-stdnum; its modules are imported one by one, on first use."""
    return _validator(stdnum_module)(number)


@cache
def _validator(stdnum_module: str) -> Callable[[str], bool]:
    validator: Callable[[str], bool] = import_module(f"stdnum.{stdnum_module}").is_valid
    return validator


def _has_filler_if_mrz(row: Identifier, number: str) -> bool:
    return row.entity_type is not EntityType.PASSPORT or "<<" in number
