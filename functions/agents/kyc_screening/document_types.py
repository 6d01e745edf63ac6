"""Which kind of document a text is, by the words that issuers print on it."""

import re

from .contract import DocumentType
from .mrz import Mrz

_WORDS: dict[DocumentType, str] = {
    "residence_permit": r"residence permit|aufenthaltstitel|titre de s[ée]jour"
    r"|permiso de residencia|permesso di soggiorno|verblijfstitel|verblijfsvergunning"
    r"|karta pobytu|uppehållstillstånd|oppholdstillatelse|opholdstilladelse",
    "driving_licence": r"driv(?:ing|er'?s?) licen[cs]e|f[üu]hrerschein|permis de conduire"
    r"|permiso de conducci[óo]n|patente di guida|rijbewijs|k[øo]rekort|f[øo]rerkort|k[öo]rkort"
    r"|prawo jazdy|carta de condu[çc][ãa]o|ajokortti",
    "identity_card": r"(?:national )?identity card|personalausweis|identit[äa]tskarte"
    r"|carte (?:nationale )?d.identit[ée]|documento nacional de identidad|carta d.identit[àa]"
    r"|identiteitskaart|dow[óo]d osobisty|cart[ãa]o de cidad[ãa]o|nationellt id-?kort"
    r"|henkil[öo]kortti|carte de identitate|osobna iskaznica|ob[čc]ansk[ýy] pr[ůu]kaz|id card",
    "visa": r"visa|visum|visto|visado",
    "passport": r"passport|reisepass|passeport|pasaporte|passaporto|paspoort|paszport|passaporte"
    r"|pass|pas|passi|útlevél|pa[șs]aport",
}
_PRINTED = {
    kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for kind, words in _WORDS.items()
}
_CODES: dict[str, DocumentType] = {
    "P": "passport",
    "V": "visa",
    "A": "identity_card",
    "C": "identity_card",
    "I": "identity_card",
}
_ALWAYS_WITH_MRZ: frozenset[str] = frozenset({"passport", "residence_permit", "visa"})


def printed(text: str) -> tuple[DocumentType, str] | None:
    """The kind that is named first, and the words that name it."""
    found = [
        (match.start(), kind, match.group())
        for kind, pattern in _PRINTED.items()
        if (match := pattern.search(text))
    ]
    return min(found)[1:] if found else None


def of_mrz(mrz: Mrz) -> DocumentType:
    """The kind that a machine-readable zone states."""
    # Issuers mark permits in the second letter, which ICAO 9303 leaves to them: IR, AR.
    return "residence_permit" if mrz.code in {"AR", "IR", "CR"} else _CODES[mrz.code[0]]


def must_have_mrz(kind: str) -> bool:
    """Whether every document of this kind has a machine-readable zone, as ICAO 9303 asks."""
    return kind in _ALWAYS_WITH_MRZ
