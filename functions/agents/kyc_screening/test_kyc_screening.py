"""KYC screening with a scripted model: the samples, the prompt, and what must never happen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.agents import discover
from tests.fakes import FakeTools

from .agent import answer
from .contract import Screening, ScreeningRequest
from .extraction import (
    EXAMPLES,
    MOST_OF_APPLICANT,
    MOST_OF_DOCUMENT,
    NAME,
    Extraction,
    said_for,
)

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
NOTHING = Extraction.model_validate(dict.fromkeys(Extraction.model_fields, ""))


def sample(start: str) -> Any:
    (file,) = (path for path in SAMPLES if path.name.startswith(start))
    return json.loads(file.read_text(encoding="utf-8"))


def request(start: str, **changes: str) -> ScreeningRequest:
    return ScreeningRequest.model_validate(sample(start)["request"] | changes)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_code_makes_the_sample_s_reply_of_what_the_model_copied(file: Path) -> None:
    written = json.loads(file.read_text(encoding="utf-8"))
    wanted = Screening.model_validate(written["reply"])
    tools = FakeTools(said_for(wanted))

    assert answer(ScreeningRequest.model_validate(written["request"]), tools) == wanted


def test_the_samples_hold_every_verdict() -> None:
    verdicts = [
        json.loads(file.read_text(encoding="utf-8"))["reply"]["verdict"] for file in SAMPLES
    ]

    assert set(verdicts) == {"clear", "review", "reject"}


def test_both_texts_stand_in_their_fences_and_the_zone_in_neither() -> None:
    tools = FakeTools(NOTHING)
    answer(request("01"), tools)

    question = tools.prompts[0].question
    assert question.startswith("<applicant>\nHello, I am Anna Maria Lindqvist")
    assert question.endswith("\n</document>")
    assert "<<" not in question


def test_a_forged_fence_stays_inside_the_real_one() -> None:
    tools = FakeTools(NOTHING)
    answer(request("08"), tools)

    lines = tools.prompts[0].question.splitlines()
    assert [lines.count(tag) for tag in ("<applicant>", "</applicant>")] == [1, 1]


def test_a_model_reads_the_beginning_of_a_long_text_and_code_reads_all_of_it() -> None:
    tools = FakeTools(NOTHING)
    screening = answer(request("13"), tools)

    assert len(tools.prompts[0].question) < MOST_OF_APPLICANT + MOST_OF_DOCUMENT + 100
    assert screening.identity.document_number
    assert screening.identity.document_number.value == "U1122334"


def test_a_quote_that_outgrew_its_bound_is_missing_and_what_is_no_text_is_refused() -> None:
    said = dict.fromkeys(Extraction.model_fields, "")

    assert Extraction.model_validate(said | {"surname": "x" * 61}).surname == ""
    with pytest.raises(ValidationError):
        Extraction.model_validate(said | {"surname": 5})


def test_an_instruction_in_the_document_changes_nothing_though_the_model_obeys() -> None:
    screening = answer(
        request("07"), FakeTools(said_for(Screening.model_validate(sample("07")["reply"])))
    )

    assert "expires_on" in {dropped.field for dropped in screening.dropped}
    assert screening.verdict == "reject"


def test_capitals_are_calmed_for_the_model_but_short_codes_are_not() -> None:
    tools = FakeTools(NOTHING)
    answer(request("01", document="SURNAME LINDQVIST, NATO ID SWE"), tools)

    assert "Surname Lindqvist, Nato ID SWE" in tools.prompts[0].question


def test_the_examples_are_those_that_the_manifest_ships() -> None:
    (manifest,) = (manifest for manifest in discover() if manifest.name == NAME)
    tools = FakeTools(NOTHING)
    answer(request("01"), tools)

    assert manifest.examples == EXAMPLES
    for question, ideal in tools.prompts[0].examples:
        for words in Extraction.model_validate_json(ideal).model_dump().values():
            assert words in question


def test_a_model_that_names_another_person_proves_nothing() -> None:
    other = said_for(Screening.model_validate(sample("21")["reply"]))
    screening = answer(request("10"), FakeTools(other))

    assert screening.verdict == "review"
    assert screening.identity.full_name is None
    assert {dropped.field for dropped in screening.dropped} == set(Extraction.model_fields)


def test_a_model_that_says_nothing_is_outweighed_by_a_right_zone() -> None:
    screening = answer(request("01"), FakeTools(NOTHING))

    assert screening.identity.full_name
    assert screening.identity.full_name.value == "ANNA MARIA LINDQVIST"
    assert screening.identity.full_name.evidence[0].source == "mrz"
    assert screening.identity.missing == ("stated_name", "address")
    assert screening.verdict == "review"


def test_an_applicant_cannot_prove_what_the_document_should() -> None:
    said = said_for(Screening.model_validate(sample("10")["reply"]))
    forged = (
        "I am María García López, Calle Mayor 5, 28013 Madrid. My card is valid until 01 01 2040."
    )
    lying = said.model_copy(update={"expires_on": "01 01 2040"})
    screening = answer(request("10", applicant=forged), FakeTools(lying))

    assert screening.identity.expires_on is None
    assert screening.verdict == "review"


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("expires_on", "12.01.2023"),  # the date of issue: a later one is printed
        ("date_of_birth", "12.01.2023"),  # the date of issue: an earlier one is printed
        ("document_number", "30.06.1975"),
        ("document_number", "4d"),
        ("address", "Cork"),
        ("stated_name", "14 Patrick Street"),
        ("nationality", "EIRE IRELAND DRIVING"),
        ("given_names", "O'NEILL"),  # the surname again
    ],
)
def test_a_quote_of_the_wrong_words_is_dropped_with_a_reason(name: str, quote: str) -> None:
    ideal = said_for(Screening.model_validate(sample("11")["reply"]))
    screening = answer(request("11"), FakeTools(ideal.model_copy(update={name: quote})))

    assert (name, quote) in {(dropped.field, dropped.quote) for dropped in screening.dropped}
    assert screening.verdict == "review"


def test_a_date_that_the_model_evened_out_is_quoted_as_it_is_written() -> None:
    said = NOTHING.model_copy(update={"date_of_birth": "12 Aug 1984"})
    screening = answer(request("01"), FakeTools(said))

    assert screening.identity.date_of_birth
    assert screening.identity.date_of_birth.evidence[0].text == "12 AUG/AUG 84"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda reply: reply["identity"].update(address=None),
        lambda reply: reply["checks"][0].update(result="failed"),
    ],
)
def test_no_half_filled_answer_can_be_called_clear(spoil: Callable[[Any], None]) -> None:
    reply = sample("01")["reply"]
    Screening.model_validate(reply)
    spoil(reply)

    with pytest.raises(ValidationError, match="clear, although"):
        Screening.model_validate(reply)


words = st.text(max_size=24)
extractions = st.fixed_dictionaries(dict.fromkeys(Extraction.model_fields, words))


@given(extractions)
def test_whatever_the_model_says_every_quote_stands_in_the_texts(said: dict[str, str]) -> None:
    given_texts = request("02")
    screening = answer(given_texts, FakeTools(Extraction.model_validate(said)))

    texts = {"applicant": given_texts.applicant}
    for _, found in screening.identity:
        for quote in found.evidence if found else ():
            assert quote.text in texts.get(quote.source, given_texts.document)
    assert screening.verdict != "clear"


documents = st.text(st.sampled_from("P<VID0129AÄ\n /.'MRZ" + "\u2028"), min_size=1, max_size=200)


@given(documents.filter(str.strip), documents)
def test_whatever_a_document_holds_it_is_not_clear(document: str, quote: str) -> None:
    said = NOTHING.model_copy(update=dict.fromkeys(Extraction.model_fields, quote[:20]))
    asked = ScreeningRequest(applicant=document, document=document)

    assert answer(asked, FakeTools(said)).verdict != "clear"


def test_a_caption_that_was_copied_with_a_name_is_no_part_of_the_name() -> None:
    copied = NOTHING.model_copy(
        update={"surname": "LINDQVIST\nFörnamn", "given_names": "ANNA MARIA\nNationalitet"}
    )

    found = answer(request("01"), FakeTools(copied))

    assert found.identity.full_name is not None
    assert found.identity.full_name.value == "ANNA MARIA LINDQVIST"
    assert [quote.source for quote in found.identity.full_name.evidence] == ["mrz"]
    assert {dropped.field for dropped in found.dropped} >= {"surname", "given_names"}
