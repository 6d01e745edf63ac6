"""Each check of code, passed, failed and not applicable, and the verdict that follows."""

from datetime import date

import pytest

from tests.fakes import FakeTools

from .agent import answer
from .contract import Screening
from .mrz import check_digit
from .test_kyc_screening import NOTHING, request

PRINT = """SVERIGE SWEDEN
PASS PASSPORT
Surname LINDQVIST
Given names ANNA MARIA
Nationality SWEDISH
Date of birth {birth}
Passport No. 90412377
Date of issue 04 MAR 2025
Date of expiry {expiry}
"""
SAID = NOTHING.model_copy(
    update={
        "stated_name": "Anna Maria Lindqvist",
        "address": "Kungsgatan 12, 753 18 Uppsala",
        "surname": "LINDQVIST",
        "given_names": "ANNA MARIA",
        "nationality": "SWEDISH",
        "document_number": "90412377",
    }
)


def zone(
    name: str = "LINDQVIST<<ANNA<MARIA",
    number: str = "90412377<",
    birth: str = "840812",
    expiry: str = "350304",
    nationality: str = "SWE",
) -> str:
    """A machine-readable zone whose check digits are right."""
    protected = number + check_digit(number)
    days = [birth + check_digit(birth), expiry + check_digit(expiry)]
    line = f"{protected}{nationality}{days[0]}F{days[1]}{'<' * 15}"
    return f"P<SWE{name:<<39}\n{line}{check_digit(protected + ''.join(days) + '<' * 15)}"


def screen(
    machine: str | None = None,
    birth: str = "12 AUG 1984",
    expiry: str = "04 MAR 2035",
    today: date = date(2026, 11, 22),
    said: dict[str, str] | None = None,
    **given: str | dict[str, str],
) -> Screening:
    document = PRINT.format(birth=birth, expiry=expiry) + (zone() if machine is None else machine)
    quotes = {"date_of_birth": birth, "expires_on": expiry} | (said or {})
    tools = FakeTools(SAID.model_copy(update=quotes), today)
    base = request("01").model_dump(include={"applicant"}) | {"document": document} | given
    return answer(type(request("01")).model_validate(base), tools)


def result(screening: Screening, name: str) -> str:
    (check,) = (check for check in screening.checks if check.name == name)
    return check.result


def test_a_passport_on_which_all_agrees_is_clear() -> None:
    screening = screen()

    assert (screening.verdict, screening.dropped) == ("clear", ())


def test_a_passport_without_its_zone_is_reviewed() -> None:
    screening = screen(machine="")

    assert result(screening, "mrz_present") == "failed"
    assert result(screening, "mrz_check_digits") == "not_applicable"
    assert screening.verdict == "review"


def test_a_damaged_zone_is_reviewed_and_not_rejected() -> None:
    screening = screen(machine=zone()[:-1])

    assert result(screening, "mrz_present") == "failed"
    assert result(screening, "mrz_check_digits") == "not_applicable"
    assert screening.verdict == "review"


def test_a_wrong_check_digit_is_rejected_and_the_zone_proves_nothing() -> None:
    screening = screen(machine=zone().replace("SWE8", "SWE7"), said={"surname": "", "address": ""})

    assert result(screening, "mrz_check_digits") == "failed"
    assert screening.verdict == "reject"
    assert screening.identity.full_name is None


@pytest.mark.parametrize(
    ("machine", "field"),
    [
        (zone(name="BERG<<ANNA<MARIA"), "surname"),
        (zone(name="LINDQVIST<<EVA"), "given names"),
        (zone(number="90412378<"), "document number"),
        (zone(birth="840813"), "date of birth"),
        (zone(expiry="360304"), "date of expiry"),
        (zone(nationality="DNK"), "nationality"),
        (zone(nationality="UTO"), "nationality"),
    ],
)
def test_a_zone_that_says_other_than_the_print_is_reviewed(machine: str, field: str) -> None:
    screening = screen(machine=machine)

    assert result(screening, "mrz_check_digits") == "passed"
    assert f"Not printed as in the zone: {field}." in screening.reasons
    assert screening.verdict == "review"


@pytest.mark.parametrize(
    ("today", "in_date"), [(date(2035, 3, 4), "passed"), (date(2035, 3, 5), "failed")]
)
def test_a_document_is_valid_on_its_last_day(today: date, in_date: str) -> None:
    screening = screen(today=today)

    assert result(screening, "document_in_date") == in_date
    assert screening.verdict == ("clear" if in_date == "passed" else "reject")


@pytest.mark.parametrize(
    ("birth", "machine", "of_age"),
    [
        ("22 NOV 2008", zone(birth="081122"), "passed"),
        ("23 NOV 2008", zone(birth="081123"), "failed"),
    ],
)
def test_eighteen_is_of_age_from_the_birthday_on(birth: str, machine: str, of_age: str) -> None:
    screening = screen(birth=birth, machine=machine)

    assert result(screening, "of_age") == of_age
    assert screening.verdict == ("clear" if of_age == "passed" else "reject")


def test_a_centenarian_is_not_taken_for_a_child() -> None:
    screening = screen(birth="12 AUG 1920", machine=zone(birth="200812"))

    assert result(screening, "of_age") == "passed"
    assert screening.verdict == "clear"


def test_a_year_of_two_digits_that_nothing_decides_is_reviewed() -> None:
    screening = screen(birth="12 AUG 20", machine=zone(birth="200812"))

    assert result(screening, "of_age") == "not_applicable"
    assert screening.verdict == "review"


def test_the_zone_outweighs_a_date_from_the_wrong_line() -> None:
    screening = screen(said={"expires_on": "04 MAR 2025", "date_of_birth": "04 MAR 2025"})

    assert screening.identity.expires_on
    assert screening.identity.expires_on.value == "2035-03-04"
    assert len(screening.dropped) == 2
    assert screening.verdict == "clear"


def test_somebody_else_s_passport_is_reviewed() -> None:
    screening = screen(
        applicant="I am Eva Berg, Kungsgatan 12, 753 18 Uppsala.", said={"stated_name": "Eva Berg"}
    )

    assert result(screening, "names_agree") == "failed"
    assert screening.verdict == "review"


@pytest.mark.parametrize(
    ("iban", "checked"),
    [
        ("SE35 5000 0000 0549 1000 0003", "passed"),
        ("SE3550000000054910000003", "passed"),
        ("SE35 5000 0000 0549 1000 0030", "failed"),
        ("XX35 5000 0000 0549 1000 0003", "failed"),
        ("hello", "failed"),
    ],
)
def test_an_account_is_checked_by_its_digits_and_its_country(iban: str, checked: str) -> None:
    screening = screen(iban=iban)

    assert result(screening, "iban") == checked
    assert screening.verdict == ("clear" if checked == "passed" else "review")


@pytest.mark.parametrize(
    ("country", "number", "checked"),
    [
        ("SE", "840812-7242", "passed"),
        ("SE", "840812-7243", "failed"),
        ("SE", "850812-7241", "failed"),  # right, but of a person born a year later
        ("ES", "12345678Z", "passed"),
        ("ES", "X-2482300W", "passed"),
        ("ES", "12345678A", "failed"),
        ("AQ", "12345678", "not_applicable"),
    ],
)
def test_a_national_id_is_checked_by_the_rule_of_its_country(
    country: str, number: str, checked: str
) -> None:
    screening = screen(national_id={"country": country, "number": number})

    assert result(screening, "national_id") == checked
    assert screening.verdict == ("review" if checked == "failed" else "clear")


def test_what_was_not_given_is_not_checked() -> None:
    screening = screen()

    assert result(screening, "iban") == "not_applicable"
    assert result(screening, "national_id") == "not_applicable"


@pytest.mark.parametrize("said", [{"address": ""}, {"stated_name": ""}])
def test_anything_missing_is_reviewed(said: dict[str, str]) -> None:
    screening = screen(said=said)

    assert screening.verdict == "review"
    assert screening.reasons == (f"Not proved: {next(iter(said)).replace('_', ' ')}.",)
