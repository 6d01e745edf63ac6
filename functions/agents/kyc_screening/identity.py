"""From words that a model copied to values that are proved.

    quote ── stands in its text? ── reads as what it should be? ── agrees with the zone? ── value

A quote that fails is dropped with the reason, and the field stays empty unless the machine-readable
zone of the document can fill it.
"""

from datetime import date

from . import countries, dates, document_types, names
from .birth_and_expiry import date_of_birth, expires_on
from .claims import Claims, Proof
from .contract import Found, Identity, Quote
from .mrz_layouts import Place
from .quotes import on_one_line

MOST_WORDS_OF_A_NAME = 6
SHORTEST_NUMBER = 5
FEWEST_WORDS_OF_AN_ADDRESS = 3
CODE_OF_DOCUMENT = Place(0, 0, 2)


def identity(claims: Claims, today: date) -> Identity:
    """Every value that can be proved; quotes that prove nothing are added to ``claims.dropped``."""
    return Identity(
        stated_name=_stated_name(claims),
        full_name=_full_name(claims),
        date_of_birth=date_of_birth(claims, today),
        nationality=_nationality(claims),
        document_type=_document_type(claims),
        document_number=_document_number(claims),
        expires_on=expires_on(claims, today),
        address=_address(claims),
    )


def _stated_name(claims: Claims) -> Found | None:
    return claims.found("stated_name", "applicant", read=_name, otherwise="this is no name")


def _address(claims: Claims) -> Found | None:
    otherwise = "this is no complete address"
    return claims.found("address", "applicant", "document", read=_whole, otherwise=otherwise)


def _nationality(claims: Claims) -> Found | None:
    mrz = claims.mrz
    proof = Proof(countries.alpha_3(mrz.nationality), mrz.layout.nationality) if mrz else None
    otherwise = "this names no one country"
    read = countries.alpha_3
    return claims.found("nationality", "document", read=read, otherwise=otherwise, proof=proof)


def _document_number(claims: Claims) -> Found | None:
    proof = Proof(claims.mrz.number, claims.mrz.layout.number) if claims.mrz else None
    otherwise = "this is no number of a document"
    read = _number
    return claims.found("document_number", "document", read=read, otherwise=otherwise, proof=proof)


def _document_type(claims: Claims) -> Found | None:
    """Found without the model: what issuers call their documents is known."""
    kind, words = document_types.printed(claims.texts.document) or (None, None)
    quote = Quote(source="document", text=words) if words else None
    proof = Proof(document_types.of_mrz(claims.mrz), CODE_OF_DOCUMENT) if claims.mrz else None
    return claims.settle("document_type", quote, kind, proof)


def _full_name(claims: Claims) -> Found | None:
    """Surname and given names together, since documents print them apart and in any order."""
    surname, given = claims.quote("surname", "document"), claims.quote("given_names", "document")
    mrz = claims.mrz
    proved = f"{mrz.given_names} {mrz.surname}".strip() if mrz else None
    name = _together(given, surname)
    if surname and given and name and (proved is None or _is_the_zone_s(name, proved)):
        return Found(value=name, evidence=(surname, given))
    reason = f"the machine-readable zone says {proved}" if name else "these make no whole name"
    if surname:
        claims.drop("surname", surname.text, reason)
    if given:
        claims.drop("given_names", given.text, reason)
    return claims.machine(Proof(proved, mrz.layout.names)) if mrz and proved else None


def _is_the_zone_s(name: str, proved: str) -> bool:
    """The same person, in no more words: a quote may have taken in the caption beside the name."""
    fits = len(names.parts(name)) <= len(names.parts(proved))
    return fits and names.same_person(name, proved)


def _together(given: Quote | None, surname: Quote | None) -> str | None:
    """Both names as one; the same words twice are a mistake of the model, not a name."""
    if not (given and surname) or names.fold(given.text) == names.fold(surname.text):
        return None
    return _name(f"{given.text} {surname.text}")


def _name(words: str) -> str | None:
    has_digit = any(c.isdigit() for c in words)
    is_name = not has_digit and 0 < len(names.parts(words)) <= MOST_WORDS_OF_A_NAME
    return on_one_line(words) if is_name else None


def _number(words: str) -> str | None:
    number = "".join(filter(str.isalnum, words.upper()))
    has_digit = any(c.isdigit() for c in number)
    return (
        number if has_digit and len(number) >= SHORTEST_NUMBER and not dates.read(words) else None
    )


def _whole(words: str) -> str | None:
    """An address with a number, of a house or a postcode, and words for a street and a place."""
    has_digit = any(c.isdigit() for c in words)
    is_whole = has_digit and len(words.split()) >= FEWEST_WORDS_OF_AN_ADDRESS
    return on_one_line(words) if is_whole else None
