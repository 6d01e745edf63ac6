"""Quotes, dates, names, countries and kinds of documents, as people write them."""

import csv
from datetime import date
from pathlib import Path

import pytest

from . import countries, dates, document_types, names
from .quotes import locate

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("kungsgatan 12,  uppsala", "Kungsgatan 12,\nUppsala"),
        ("Kungsgatan 1", None),
        ("gatan 12", None),
        ("Uppsala Kungsgatan", None),
        ("", None),
        ("(1)", "(1)"),
    ],
)
def test_a_quote_stands_there_whole_whatever_its_case_and_blanks(
    quote: str, found: str | None
) -> None:
    assert locate(quote, "I live at Kungsgatan 12,\nUppsala (1).") == found


def test_words_far_apart_are_no_quote() -> None:
    assert locate("A B", f"A{' ' * 2000}B") is None


@pytest.mark.parametrize(
    "written",
    [
        "1984-08-12", "12.08.1984", "12 08 1984", "12. 8. 1984", "12 AUG 1984", "12 AUG/AOÛT 1984",
        "12. August 1984", "12 août 1984", "12 de agosto de 1984", "12 de ago. de 1984",
        "August 12, 1984", "Aug 12th 1984", "12 sierpnia 1984", "12th Aug 1984",
    ],
)  # fmt: skip
def test_one_day_in_many_hands(written: str) -> None:
    assert dates.read(written) == {date(1984, 8, 12)}


@pytest.mark.parametrize("written", ["03/04/1990", "3-4-1990"])
def test_a_slash_or_a_hyphen_may_mean_two_days(written: str) -> None:
    assert dates.read(written) == {date(1990, 3, 4), date(1990, 4, 3)}
    assert dates.the_only(dates.read(written)) is None


@pytest.mark.parametrize(
    "written", ["31.02.1990", "1990", "12 Foo 1990", "90412377", "12.1.2020 4b. 11.1.2030", "4a."]
)
def test_what_is_not_exactly_one_day_is_none(written: str) -> None:
    assert dates.read(written) == dates.NO_DAYS


def test_the_numbers_of_a_driving_licence_are_no_days() -> None:
    found = [written for written, _ in dates.find("3. 30.06.1975 CORK\n4a. 12.01.2023\n5. 7654321")]

    assert found == ["30.06.1975", "12.01.2023"]


def test_two_digits_of_a_year_are_a_birth_in_the_past() -> None:
    assert dates.births(dates.from_mrz("840812"), TODAY) == {date(1984, 8, 12)}
    assert dates.births(dates.from_mrz("200812"), TODAY) == {date(1920, 8, 12), date(2020, 8, 12)}
    assert dates.births(dates.from_mrz("270101"), TODAY) == {date(1927, 1, 1)}


def test_two_digits_of_a_year_are_an_expiry_near_today() -> None:
    assert dates.expiries(dates.from_mrz("350304"), TODAY) == {date(2035, 3, 4)}


@pytest.mark.parametrize("characters", ["84<<<<", "<<<<<<", "841340"])
def test_an_unknown_day_of_a_zone_is_none(characters: str) -> None:
    assert dates.from_mrz(characters) == dates.NO_DAYS


@pytest.mark.parametrize(
    ("until", "years"),
    [(date(2026, 2, 27), 17), (date(2026, 2, 28), 17), (date(2026, 3, 1), 18)],
)
def test_who_is_born_on_a_leap_day_is_a_year_older_in_march(until: date, years: int) -> None:
    assert dates.full_years(date(2008, 2, 29), until) == years


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jürgen Müller", "JUERGEN MUELLER"),
        ("Jurgen Muller", "JÜRGEN MÜLLER"),
        ("Søren Åberg", "ABERG SOEREN"),
        ("Anna Lindqvist", "ANNA MARIA LINDQVIST"),
        ("J. O'Neill", "JAMES PATRICK ONEILL"),
        ("María García-López", "GARCIA LOPEZ MARIA"),
        ("Łukasz Wójcik", "LUKASZ WOJCIK"),
        ("Nguyễn Văn An", "NGUYEN VAN AN"),
    ],
)
def test_spellings_of_one_person(one: str, other: str) -> None:
    assert names.same_person(one, other)
    assert names.same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg", "ANNA MARIA LINDQVIST"),
        ("Anna", "Anna Lindqvist"),
        ("Anna Anna", "Anna Lindqvist"),
        ("A. B.", "Anna Carlsson"),
        ("", "Anna Lindqvist"),
    ],
)
def test_other_persons(one: str, other: str) -> None:
    assert not names.same_person(one, other)


def test_a_letter_of_the_document_is_no_name_that_it_begins() -> None:
    assert not names.stands_in("FELIX", "Sex F")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("SVENSK/SWEDISH", "SWE"), ("deutsch", "DEU"), ("D", "DEU"), ("GBN", "GBR"), ("ESP", "ESP"),
        ("Française", "FRA"), ("British\ncitizen", "GBR"), ("Republic of Korea", "KOR"),
        ("Swedish, Danish", None), ("UTO", None), ("XXA", None), ("", None), ("Human", None),
    ],
)  # fmt: skip
def test_a_nationality_is_known_or_it_is_none(written: str, code: str | None) -> None:
    assert countries.alpha_3(written) == code


def test_every_word_of_the_table_means_one_country() -> None:
    table = Path(__file__).with_name("countries.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(table, delimiter="\t"))

    assert len(rows) == 250  # ISO 3166-1 and Kosovo
    for row in rows:
        for word in (row["alpha_3"], row["alpha_2"], *row["names"].split("|")):
            assert countries.alpha_3(word) == row["alpha_3"], word


def test_a_country_is_named_by_its_words_and_not_by_two_letters() -> None:
    assert countries.is_named_in("SWE", "Nationality SVENSK")
    assert countries.is_named_in("NLD", "Kingdom of the Netherlands")
    assert not countries.is_named_in("NOR", "Passport No. 1")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SVERIGE\nPASS PASSPORT", "passport"),
        ("Österreich Reisepass", "passport"),
        ("BUNDESREPUBLIK DEUTSCHLAND PERSONALAUSWEIS", "identity_card"),
        ("DOCUMENTO NACIONAL DE IDENTIDAD", "identity_card"),
        ("AUFENTHALTSTITEL / RESIDENCE PERMIT", "residence_permit"),
        ("PERMIS DE CONDUIRE", "driving_licence"),
        ("SCHENGEN VISA\nPassport No. 1", "visa"),
    ],
)
def test_a_document_says_what_it_is(text: str, kind: str) -> None:
    found = document_types.printed(text)
    assert found
    assert found[0] == kind


def test_a_text_that_names_no_document_is_none() -> None:
    assert document_types.printed("passable, improvised, compass") is None
