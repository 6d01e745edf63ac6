"""A second detector adds to what our own finds, and never takes away."""

from collections.abc import Callable, Sequence

import pytest

from functions.domain.personal_data import EntityType, Finding
from functions.domain.personal_data.mask import mask, restore
from functions.domain.personal_data.placeholders import Placeholders
from functions.domain.personal_data.policy import Action, PersonalDataRefused, Policy

POLICY = Policy(actions={}, restored=frozenset(EntityType))
MAIL = "a@b.co"
Detect = Callable[[Sequence[str]], list[list[Finding]]]


def sees(kind: EntityType, words: str) -> Detect:
    """A detector that sees these words as this kind, and nothing else."""

    def find(texts: Sequence[str]) -> list[list[Finding]]:
        return [
            [Finding(text.index(words), text.index(words) + len(words), kind, 0.9)]
            if words in text
            else []
            for text in texts
        ]

    return find


def test_what_either_of_the_two_finds_is_masked():
    second = sees(EntityType.PERSON, "the tall one")

    masked = mask(f"the tall one, {MAIL}", POLICY, Placeholders(), second=second)

    assert masked == "[PERSON_1], [EMAIL_ADDRESS_1]"


def test_a_surer_part_of_a_finding_leaves_nothing_of_the_whole_over():
    placeholders = Placeholders()

    masked = mask(MAIL, POLICY, placeholders, second=sees(EntityType.PERSON, "a"))

    assert masked == "[EMAIL_ADDRESS_1]"
    assert restore(masked, POLICY, placeholders) == MAIL


def test_a_kind_that_the_policy_allows_hides_no_other_kind():
    policy = Policy(actions={EntityType.URL: Action.ALLOW})

    masked = mask(
        f"write to {MAIL} now",
        policy,
        Placeholders(),
        second=sees(EntityType.URL, f"to {MAIL} now"),
    )

    assert masked == "write to [EMAIL_ADDRESS_1] now"


def test_what_the_second_alone_finds_can_refuse_a_text():
    policy = Policy(actions={EntityType.PASSPORT: Action.REFUSE})

    with pytest.raises(PersonalDataRefused, match="PASSPORT"):
        mask(
            {"note": "the blue one"},
            policy,
            Placeholders(),
            second=sees(EntityType.PASSPORT, "blue"),
        )


def test_all_strings_of_a_value_are_asked_about_at_once_each_with_its_label():
    asked: list[Sequence[str]] = []

    def find(texts: Sequence[str]) -> list[list[Finding]]:
        asked.append(texts)
        return [[] for _ in texts]

    mask({"firstName": "x", "tags": ["y", "x"], "count": 3}, POLICY, Placeholders(), second=find)

    assert asked == [["first Name: x", "tags: y", "tags: x", "count: 3"]]


def test_a_label_is_no_part_of_what_is_masked():
    value = {"nickname": "wolf"}

    masked = mask(value, POLICY, Placeholders(), second=sees(EntityType.USERNAME, "name: wolf"))

    assert masked == {"nickname": "[USERNAME_1]"}


@pytest.mark.parametrize(("seen", "expected"), [("4711", "[PERSONAL_ID_1]"), ("47", 4711)])
def test_a_number_is_masked_as_a_whole_or_not_at_all(seen, expected):
    masked = mask({"n": 4711}, POLICY, Placeholders(), second=sees(EntityType.PERSONAL_ID, seen))

    assert masked == {"n": expected}
