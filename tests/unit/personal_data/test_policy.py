"""The policy of an agent, as its manifest writes it."""

import pytest
from pydantic import ValidationError

from functions.domain.personal_data import EntityType, Finding
from functions.domain.personal_data.policy import Action, PersonalDataRefused, Policy

PERSON = Finding(0, 4, EntityType.PERSON, 0.9)
SECRET = Finding(5, 9, EntityType.SECRET, 1.0)


def test_a_policy_is_read_from_names():
    policy = Policy.model_validate(
        {"default": "refuse", "actions": {"PERSON": "mask"}, "restored": ["PERSON"]}
    )
    assert policy.action_for(EntityType.PERSON) is Action.MASK
    assert policy.action_for(EntityType.SECRET) is Action.REFUSE
    assert policy.restored == {EntityType.PERSON}


@pytest.mark.parametrize(
    "wrong",
    [{"default": "hide"}, {"actions": {"NAME": "mask"}}, {"restore": ["PERSON"]}],
)
def test_a_policy_with_an_unknown_word_is_no_policy(wrong):
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)


def test_everything_is_masked_unless_the_policy_says_otherwise():
    assert Policy().masked([PERSON, SECRET]) == [PERSON, SECRET]


def test_forms_of_address_are_allowed_unless_the_policy_says_otherwise():
    assert Policy().action_for(EntityType.TITLE) is Action.ALLOW


def test_one_refused_finding_refuses_the_text():
    policy = Policy(actions={EntityType.SECRET: Action.REFUSE})
    with pytest.raises(PersonalDataRefused, match="holds SECRET, which this agent refuses"):
        policy.masked([PERSON, SECRET])
