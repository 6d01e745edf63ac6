"""The machine-readable zone, against the specimens of ICAO 9303."""

import pytest

from . import mrz

TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
)
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
MRV_A = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<"
MRV_B = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<"
LONG_NUMBER = (
    "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"
)
SPECIMENS = {"TD1": TD1, "TD2": TD2, "TD3": TD3, "MRV-A": MRV_A, "MRV-B": MRV_B}


def read(text: str) -> mrz.Mrz:
    _, zone = mrz.split(text)
    assert zone.mrz
    return zone.mrz


@pytest.mark.parametrize(("layout", "text"), SPECIMENS.items())
def test_every_specimen_is_read_and_its_digits_are_right(layout: str, text: str) -> None:
    found = read(text)

    assert (found.layout.name, found.wrong_digits) == (layout, ())
    assert (found.surname, found.given_names) == ("ERIKSSON", "ANNA MARIA")


def test_the_fields_of_a_passport() -> None:
    found = read(TD3)

    assert (found.code, found.number, found.nationality) == ("P", "L898902C3", "UTO")
    assert (found.birth, found.expiry) == ("740812", "120415")


def test_a_long_document_number_goes_on_in_the_optional_data() -> None:
    found = read(LONG_NUMBER)

    assert (found.number, found.wrong_digits) == ("D23145890734", ())


@pytest.mark.parametrize("text", [TD1, TD2, TD3, LONG_NUMBER])
def test_every_changed_digit_is_caught(text: str) -> None:
    for at, character in enumerate(text):
        if character.isdigit():
            changed = text[:at] + str((int(character) + 1) % 10) + text[at + 1 :]
            assert read(changed).wrong_digits, changed


@pytest.mark.parametrize("text", [MRV_A, MRV_B])
def test_a_visa_has_no_composite_digit_but_protects_its_fields(text: str) -> None:
    assert read(text.replace("4009078", "4009178")).wrong_digits == ("date of birth",)


def test_an_empty_optional_field_may_leave_its_digit_out() -> None:
    line = "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<"
    protected = line[0:10] + line[13:20] + line[21:]
    for digit in "0<":
        composite = mrz.check_digit(protected + digit)
        text = TD3.splitlines()[0] + f"\n{line}{digit}{composite}"
        assert read(text).wrong_digits == ()


def test_what_ocr_makes_of_fillers_and_wide_print_is_read_all_the_same() -> None:
    noisy = (
        TD3.replace("<<ANNA", "«ANNA").replace("L898902C3", "L8989 02C3 ").replace("B<", "B\u2039")
    )

    assert read(noisy).wrong_digits == ()


def test_the_zone_is_taken_out_of_the_text_for_people() -> None:
    people, zone = mrz.split(f"PASSPORT\n{TD3}\nSurname ERIKSSON")

    assert people == "PASSPORT\nSurname ERIKSSON"
    assert zone.lines == tuple(TD3.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        TD3[:-1],
        TD3.splitlines()[0],
        f"{TD3}\n{TD3}",
        f"{TD3}\n{TD1}",
        TD3.replace("P<", "X<", 1),
        TD3.splitlines()[1] + "\n" + TD3.splitlines()[0],
    ],
    ids=["short", "half", "twice", "two documents", "no document", "upside down"],
)
def test_a_zone_that_is_not_of_one_document_is_damaged(text: str) -> None:
    _, zone = mrz.split(text)

    assert zone.lines
    assert zone.mrz is None


@pytest.mark.parametrize(
    "text",
    [
        "BUNDESREPUBLIK DEUTSCHLAND PASS",
        "SE35 5000 0000 0549 1000 0003",
        "<<",
        "",
        f"<<{' ' * 99}A",
    ],
)
def test_other_lines_are_no_zone(text: str) -> None:
    people, zone = mrz.split(text)

    assert people == text
    assert zone.lines == ()
