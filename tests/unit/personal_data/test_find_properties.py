"""What holds for every text: order, range, bounded work."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.domain.personal_data import find

# Letters, signs and pieces that recognisers look for, so that random texts come near to findings.
PIECES = [
    "Anna",
    "smith",
    "12 Baker St",
    "4111111111111111",
    "a@b.co",
    "+49 30 123456",
    "born",
    "1.1.1990",
    "\n",
    "https://x.org/",
    "passport",
    "X1234567",
    "\u200b",
    "１",  # noqa: RUF001 - such digits are what is tested
    "İ",
    "ß",
    "[",
    "]",
    ".",
    ",",
    " ",
    "@",
    "-",
    "😀",
]
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))

UNITS = [
    "a",
    "1",
    "@",
    "[",
    " ",
    "\u200b",
    "１",  # noqa: RUF001 - such digits are what is tested
    "a.",
    "a@",
    "1 ",
    "1-",
    "+1 ",
    "(1",
    "é́",
    "password ",
    "-----BEGIN PRIVATE KEY-----",
    "GB12 ",
    "1:",
    "born 1/1/",
    "passport no ",
    "Anna ",
]
SIZE = 3_000
# Twice the text may cost a little more than twice the work, never four times.
MOST_GROWTH = 3.2


@given(TEXTS)
@settings(max_examples=80)
def test_findings_are_sorted_apart_and_inside_the_text(text):
    findings = find(text)
    places = [place for finding in findings for place in finding[:2]]
    assert places == sorted(places)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)
    assert all(0 < finding.score <= 1 for finding in findings)


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_with_the_length_of_the_text_and_not_faster(unit):
    small, large = (unit * (size // len(unit)) for size in (SIZE, 2 * SIZE))
    growths = (_cpu_seconds(large) / _cpu_seconds(small) for _ in range(4))
    # Another process may disturb one measurement; a quadratic one is slow every time.
    assert any(growth < MOST_GROWTH for growth in growths)


def test_an_empty_text_holds_nothing():
    assert find("") == []


def _cpu_seconds(text: str) -> float:
    began = time.process_time()
    find(text)
    # A tick of the clock keeps the ratio of two very cheap runs from meaning anything.
    return time.process_time() - began + 0.005
