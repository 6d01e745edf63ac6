"""The checks that a machine can make, each as passed, failed or not applicable, with its detail.

None of them asks the model: they compare what was proved, the day, and rules of ICAO 9303, ISO
13616 and the national registers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from stdnum import iban
from stdnum.exceptions import ValidationError

from . import countries, dates, document_types, names, national_ids
from .claims import Texts
from .contract import Check, CheckName, Found, Identity, ScreeningRequest
from .mrz import Mrz

OF_AGE_YEARS = 18


@dataclass(frozen=True, slots=True)
class Checks:
    """Everything that the checks look at."""

    request: ScreeningRequest
    texts: Texts
    identity: Identity
    today: date

    def all(self) -> tuple[Check, ...]:
        """Every check, in the order in which a person would make them."""
        return (
            self.mrz_present(),
            self.mrz_check_digits(),
            self.mrz_agrees(),
            self.document_in_date(),
            self.of_age(),
            self.names_agree(),
            self.iban(),
            self.national_id(),
        )

    def mrz_present(self) -> Check:
        """A passport, a visa or a residence permit has a zone, and a zone has a known shape."""
        name: CheckName = "mrz_present"
        kind = self.identity.document_type
        if self.texts.zone.mrz:
            layout = self.texts.zone.mrz.layout.name
            return _passed(name, f"The machine-readable zone has the layout {layout}.")
        if self.texts.zone.lines:
            return _failed(name, "The machine-readable zone is damaged or not of one document.")
        if kind and document_types.must_have_mrz(kind.value):
            return _failed(name, f"The document is a {kind.value} without machine-readable zone.")
        return _not_applicable(name, "Not every document of this kind has a machine-readable zone.")

    def mrz_check_digits(self) -> Check:
        """Every check digit of ICAO 9303, the composite one included, is right."""
        name: CheckName = "mrz_check_digits"
        mrz = self.texts.zone.mrz
        if mrz is None:
            return _not_applicable(name, "No machine-readable zone could be read.")
        if mrz.wrong_digits:
            return _failed(name, f"Wrong check digits: {', '.join(mrz.wrong_digits)}.")
        return _passed(name, "All check digits are right.")

    def mrz_agrees(self) -> Check:
        """What the zone says is also printed on the document, for people to read."""
        name: CheckName = "mrz_agrees"
        mrz = self.texts.zone.mrz
        if mrz is None:
            return _not_applicable(name, "No machine-readable zone could be read.")
        if unprinted := [field for field, is_printed in self._printed(mrz) if not is_printed]:
            return _failed(name, f"Not printed as in the zone: {', '.join(unprinted)}.")
        return _passed(name, "The document prints what its machine-readable zone says.")

    def document_in_date(self) -> Check:
        """The document has not expired; its last day still counts."""
        name: CheckName = "document_in_date"
        day = _day(self.identity.expires_on)
        if day is None:
            return _not_applicable(name, "No day of expiry is known.")
        if day < self.today:
            return _failed(name, f"The document expired on {day}.")
        return _passed(name, f"The document is valid until {day}.")

    def of_age(self) -> Check:
        """The applicant is at least eighteen years old."""
        name: CheckName = "of_age"
        day = _day(self.identity.date_of_birth)
        if day is None:
            return _not_applicable(name, "No date of birth is known.")
        years = dates.full_years(day, self.today)
        if years < OF_AGE_YEARS:
            return _failed(name, f"The applicant is {years} years old.")
        return _passed(name, "The applicant is of age.")

    def names_agree(self) -> Check:
        """The applicant goes by the name of the document."""
        name: CheckName = "names_agree"
        stated, full = self.identity.stated_name, self.identity.full_name
        if not (stated and full):
            return _not_applicable(name, "One of the two names is not known.")
        if not names.same_person(stated.value, full.value):
            return _failed(name, f"The document is in the name of {full.value}.")
        return _passed(name, "The applicant has the name of the document.")

    def iban(self) -> Check:
        """The account's number is one, by ISO 13616 and by its country's own rules."""
        name: CheckName = "iban"
        if self.request.iban is None:
            return _not_applicable(name, "No IBAN was given.")
        try:
            iban.validate(self.request.iban)
        except ValidationError as error:
            return _failed(name, f"This is no IBAN: {error}")
        return _passed(name, "The check digits and the structure of the IBAN are right.")

    def national_id(self) -> Check:
        """The number follows its country's rule, and holds the same day of birth."""
        name: CheckName = "national_id"
        given = self.request.national_id
        if given is None:
            return _not_applicable(name, "No national id was given.")
        try:
            birth = national_ids.birth_in(given)
        except national_ids.Unknown:
            return _not_applicable(name, f"No rule is known for numbers of {given.country}.")
        except national_ids.Wrong:
            return _failed(name, f"This is no national id of {given.country}.")
        known = _day(self.identity.date_of_birth)
        # The number holds two digits of the year in most countries, so only these are compared.
        if birth and known and f"{birth:%y%m%d}" != f"{known:%y%m%d}":
            return _failed(name, "The national id holds another date of birth.")
        return _passed(name, f"The national id follows the rule of {given.country}.")

    def _printed(self, mrz: Mrz) -> Iterator[tuple[str, bool]]:
        """Each field of the zone, and whether the rest of the document prints the same."""
        text = self.texts.document
        days = dates.NO_DAYS.union(*dates.find(text))
        country = countries.alpha_3(mrz.nationality)
        yield "surname", names.stands_in(mrz.surname, text)
        yield "given names", names.stands_in(mrz.given_names, text)
        yield "document number", mrz.number in "".join(filter(str.isalnum, text.upper()))
        yield "nationality", country is not None and countries.is_named_in(country, text)
        yield "date of birth", not days.isdisjoint(dates.from_mrz(mrz.birth))
        yield "date of expiry", not days.isdisjoint(dates.from_mrz(mrz.expiry))


def _day(found: Found | None) -> date | None:
    return date.fromisoformat(found.value) if found else None


def _passed(name: CheckName, detail: str) -> Check:
    return Check(name=name, result="passed", detail=detail)


def _failed(name: CheckName, detail: str) -> Check:
    return Check(name=name, result="failed", detail=detail)


def _not_applicable(name: CheckName, detail: str) -> Check:
    return Check(name=name, result="not_applicable", detail=detail)
