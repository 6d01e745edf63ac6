"""The generator of training texts: labels lie where the values are, and a seed decides all."""

from random import Random

import pytest

from training.personal_data.corpus import Text, corpus, fill, templates
from training.personal_data.fillers import FILLERS


def seeded(seed: int) -> Random:
    return Random(seed)


def test_the_same_seed_gives_the_same_texts():
    first, second = (list(corpus(seeded(7), 40)) for _ in range(2))
    assert first == second
    assert first != list(corpus(seeded(8), 40))


def test_a_label_covers_exactly_the_value_that_was_filled_in():
    text = fill("Dear {person},\\nyour order {reference}", seeded(1))
    ((start, end, kind),) = text.spans
    assert kind == "PERSON"
    assert text.text[:start] == "Dear "
    assert text.text[end : end + 2] == ",\n"


def test_choices_and_braces_are_resolved():
    assert fill("{{a [b|b]}}", seeded(1)) == Text("{a b}", ())


def test_every_line_of_a_quoted_address_starts_with_its_margin():
    texts = (fill("> {address:> }", seeded(seed)).text for seed in range(40))
    assert all(line.startswith("> ") for text in texts for line in text.split("\n"))


@pytest.mark.parametrize("slot", FILLERS)
def test_every_slot_can_be_filled(slot):
    assert fill(f"{{{slot}}}", seeded(3)).text.strip()


@pytest.mark.parametrize("name", templates())
def test_every_template_can_be_filled(name):
    for template in templates()[name]:
        filled = fill(template, seeded(5))
        assert all(0 <= start < end <= len(filled.text) for start, end, _ in filled.spans)
