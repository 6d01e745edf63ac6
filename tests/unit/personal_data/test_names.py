"""Names, places and addresses, found by the sequence model."""

import pytest

from functions.domain.personal_data import EntityType, find


def types_of(text: str, part: str) -> set[EntityType]:
    start = text.index(part)
    return {
        finding.entity_type
        for finding in find(text)
        if finding.start < start + len(part) and finding.end > start
    }


@pytest.mark.parametrize(
    ("text", "part", "entity_type"),
    [
        ("My name is Joanna Kowalczyk.", "Joanna Kowalczyk", EntityType.PERSON),
        ("my name is joanna kowalczyk", "joanna kowalczyk", EntityType.PERSON),
        ("PLEASE CALL JOANNA KOWALCZYK BACK", "JOANNA KOWALCZYK", EntityType.PERSON),
        ("Dear Mr. Okonkwo, thank you.", "Okonkwo", EntityType.PERSON),
        ("Dear Mr. Okonkwo, thank you.", "Mr", EntityType.TITLE),
        ("Thanks, Vytautas", "Vytautas", EntityType.PERSON),
        ("My name is Zrelnopik Vuranthal.", "Zrelnopik Vuranthal", EntityType.PERSON),
        ("Joanna's brother will pay.", "Joanna", EntityType.PERSON),
        ("Name: O'Neill, Jean-Luc", "O'Neill, Jean-Luc", EntityType.PERSON),
        ("I moved here from Portugal.", "Portugal", EntityType.LOCATION),
        ("He lives in Bratislava now.", "Bratislava", EntityType.LOCATION),
        ("Ship it to 12 Baker Street, London NW1 6XE", "12 Baker Street", EntityType.ADDRESS),
        ("Adresse: Lindenstraße 9, 10969 Berlin", "Lindenstraße 9", EntityType.ADDRESS),
        ("She works for Halvorsen Shipping Ltd.", "Halvorsen Shipping", EntityType.ORGANIZATION),
        ("Nationality: Brazilian", "Brazilian", EntityType.NRP),
    ],
)
def test_the_model_labels(text, part, entity_type):
    assert types_of(text, part) == {entity_type}


def test_an_address_over_several_lines_is_one_finding():
    text = "Ship to:\n12 Elm Street\nApt. 4\nSpringfield, IL 62704"
    address = [finding for finding in find(text) if finding.entity_type is EntityType.ADDRESS]
    assert [text[finding.start : finding.end] for finding in address] == [
        "12 Elm Street\nApt. 4\nSpringfield, IL 62704"
    ]


def test_a_number_is_a_phone_number_when_the_sentence_says_so():
    asked = "Please confirm at 536 993 895 or by letter, Anna"
    assert types_of(asked, "536 993 895") == {EntityType.PHONE_NUMBER}
    assert find("batch 536 993 895 was processed") == []


def test_a_name_beside_an_address_is_found_too():
    text = "Write to anna.berg@example.com, Anna Berg will answer."
    assert types_of(text, "anna.berg@example.com") == {EntityType.EMAIL_ADDRESS}
    assert types_of(text, "Anna Berg") == {EntityType.PERSON}
