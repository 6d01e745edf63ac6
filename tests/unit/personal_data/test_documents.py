"""Texts that travel together: nothing is lost, nothing moves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.personal_data import EntityType, Finding
from functions.domain.personal_data.documents import documents, find_in_documents

WORDS = re.compile(r"\w+")
WRITTEN = st.text(st.sampled_from("ab é€😀 \n\t.\u2003\ud800"), max_size=40)


def every_word(text: str) -> list[Finding]:
    return [Finding(*word.span(), EntityType.PERSON, 1.0) for word in WORDS.finditer(text)]


def spans(found: list[list[Finding]]) -> list[list[tuple[int, int]]]:
    return [[(finding.start, finding.end) for finding in text] for text in found]


@given(WRITTEN, st.integers(min_value=4, max_value=60))
def test_documents_are_the_text_in_order_and_none_is_too_long(text, most_bytes):
    sendable = text.replace("\ud800", "?")
    place = 0
    for start, document in documents(sendable, most_bytes):
        assert len(document.encode()) <= most_bytes
        assert sendable[start : start + len(document)] == document
        assert not WORDS.search(sendable[place:start])
        place = start + len(document)
    assert not WORDS.search(sendable[place:])


@given(st.lists(WRITTEN, max_size=6))
def test_each_text_gets_its_own_findings_wherever_it_travelled(texts):
    expected = spans([every_word(text) for text in texts])

    assert spans(find_in_documents(texts, every_word, 10_000)) == expected


@given(st.lists(st.text("ab 😀", max_size=12), max_size=6))
def test_a_limit_that_every_word_fits_changes_nothing(texts):
    expected = spans([every_word(text) for text in texts])

    assert spans(find_in_documents(texts, every_word, 60)) == expected


def test_a_document_ends_at_a_line_before_it_ends_at_a_word():
    assert list(documents("one two\nthree four", 14)) == [(0, "one two\n"), (8, "three four")]
    assert list(documents("three four", 7)) == [(0, "three "), (6, "four")]


def test_all_short_texts_are_one_call():
    asked: list[str] = []

    def ask(text: str) -> list[Finding]:
        asked.append(text)
        return []

    find_in_documents(["name: Ada", "city: Oslo", "--", ""], ask, 100)

    assert asked == ["name: Ada\ncity: Oslo\n--\n"]


def test_nobody_is_asked_about_nothing():
    assert find_in_documents(["", " -- "], pytest.fail, 100) == [[], []]


def test_a_finding_over_two_texts_counts_in_both():
    whole = Finding(2, 7, EntityType.ADDRESS, 1.0)

    found = find_in_documents(["1 Elm", "Oslo"], lambda _: [whole], 100)

    assert spans(found) == [[(2, 5)], [(0, 1)]]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (0, 6)])
def test_a_finding_that_is_not_in_the_text_is_no_finding_but_an_error(start, end):
    with pytest.raises(ValueError, match="beyond its text"):
        find_in_documents(["hello"], lambda _: [Finding(start, end, EntityType.AGE, 1.0)], 100)
