"""Everything that can be recognised by its form, its check digits or its label."""

from collections.abc import Callable, Iterator

from functions.domain.personal_data.birth import ages, birth_dates
from functions.domain.personal_data.credentials import secrets
from functions.domain.personal_data.entities import Finding
from functions.domain.personal_data.identifiers import national_identifiers
from functions.domain.personal_data.labelled import coordinates, labelled_values
from functions.domain.personal_data.money import cards, ibans, wallets
from functions.domain.personal_data.phones import phone_numbers, possible_phone_numbers
from functions.domain.personal_data.resolve import without_overlaps
from functions.domain.personal_data.web import (
    domain_names,
    emails,
    ip_addresses,
    mac_addresses,
    urls,
)

Recognizer = Callable[[str], Iterator[Finding]]

_ANY_TEXT: tuple[Recognizer, ...] = (
    emails,
    urls,
    domain_names,
    secrets,
    ibans,
    national_identifiers,
    labelled_values,
)
_TEXT_WITH_DIGITS: tuple[Recognizer, ...] = (
    cards,
    wallets,
    ip_addresses,
    mac_addresses,
    coordinates,
    birth_dates,
    ages,
    phone_numbers,
)


def formal_findings(text: str) -> list[Finding]:
    """All findings of the recognisers, without overlaps."""
    recognizers = _ANY_TEXT
    if any(map(str.isdigit, text)):
        recognizers += _TEXT_WITH_DIGITS
    return without_overlaps(
        (finding for recognizer in recognizers for finding in recognizer(text)), len(text)
    )


def with_candidates(text: str, known: list[Finding]) -> list[Finding]:
    """The known findings, and between them what the sequence model has to decide as a whole."""
    return without_overlaps([*known, *possible_phone_numbers(text)], len(text))
