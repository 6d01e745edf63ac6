"""Scripts: which rule answers, what a reply takes from the prompt, and what is no script."""

from typing import Any

import pytest

from local.model.backends.scripted.playback import Playback
from local.model.backends.scripted.script import Script, ScriptError, filled, parse_script
from local.model.errors import InvalidRequest
from tests.unit.local_model.calls import call, structured

TOML = """
[[rules]]
when = { schema = "ReviewSentiment", model = "eu.*", regex = 'review (\\w+)' }
times = 1
reply = { label = "positive", review_id = "{{1}}", parts = ["{{0}}", 1] }

[default]
error = "ThrottlingException"
"""


def playback(*rules: dict[str, Any], **script: Any) -> Playback:
    return Playback(Script.model_validate({"rules": list(rules), **script}))


def test_a_script_is_toml_or_json():
    assert parse_script(TOML).rules[0].times == 1
    assert parse_script('{"default": {"reply": "Hi"}}').labelled["default"].reply == "Hi"


def test_the_first_rule_that_matches_answers_as_often_as_it_may():
    play = Playback(parse_script(TOML))
    review = call("Label review r1", outputConfig=structured("ReviewSentiment", {}))
    rule, match = play.next_rule(review)
    assert filled(rule.reply, match) == {
        "label": "positive",
        "review_id": "r1",
        "parts": ["review r1", 1],
    }
    assert play.next_rule(review)[0].error == "ThrottlingException"
    assert play.record()["rules"] == {"1": 1, "default": 1}


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"model": "eu.*"}, True),
        ({"model": "us.*"}, False),
        ({"contains": "order"}, True),
        ({"contains": "refund"}, False),
        ({"contains": "order", "scope": "system"}, False),
        ({"contains": "polite", "scope": "system"}, True),
        ({"contains": "first", "scope": "last_message"}, False),
        ({"contains": "order", "scope": "last_message"}, True),
        ({"regex": "A[0-9]"}, True),
        ({"regex": "B[0-9]"}, False),
        ({"regex": "A[0-9]", "contains": "refund"}, False),
        ({"schema": "Order"}, True),
        ({"schema": "Review"}, False),
        ({"call": 1}, True),
        ({"call": 2}, False),
    ],
)
def test_every_condition_must_hold(when: dict[str, Any], matches: bool):  # noqa: FBT001 - the outcome in the table
    asked = call(
        "first",
        "yes?",
        "order A1",
        system=[{"text": "Be polite."}],
        outputConfig=structured("Order", {}),
    )
    play = playback({"name": "rule", "when": when, "reply": "x"}, default={"reply": "y"})
    assert (play.next_rule(asked)[0].name == "rule") is matches


def test_of_several_matches_the_last_one_counts():
    play = playback({"when": {"regex": r"id (?P<id>\w+)"}, "reply": "{{id}}"})
    rule, match = play.next_rule(call("Example: id a. Now: id b."))
    assert filled(rule.reply, match) == "b"


def test_a_call_that_no_rule_answers_is_refused_without_its_prompt():
    play = playback({"when": {"contains": "x"}, "reply": "y"})
    with pytest.raises(InvalidRequest, match=r"call 1 \(model eu\.model, schema none\)") as refusal:
        play.next_rule(call("SECRET"))
    assert "SECRET" not in str(refusal.value)
    assert "SECRET" not in str(play.record())


def test_prompts_are_recorded_only_if_the_script_says_so():
    play = playback(record_prompts=True, default={"reply": "y"})
    play.next_rule(call("Hello", system=[{"text": "Be brief."}]))
    assert play.record()["calls"][0]["prompt"] == "Be brief.\n\nHello"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[rules]]\nname = 'x'", r"rules\.0: .*needs a reply or an error"),
        ("[[rules]]\nerror = 'Oops'", r"rules\.0\.error: .*not an error of Bedrock"),
        ("[[rules]]\nreply = '{{2}}'\nwhen = { regex = '(a)' }", "no group 2"),
        ("[[rules]]\nreply = 'x'\nwhen = { regex = '(' }", r"rules\.0\.when\.regex"),
        ("[[rules]]\nreply = 'x'\nwhen = { prompt = 'x' }", r"rules\.0\.when\.prompt"),
        ("[[rules]]\nreply = 'x'\ntimes = 0", r"rules\.0\.times"),
        ("[[rules]]\nreply = 'x'\n[[rules]]\nreply = 'y'\nname = '1'", "same name"),
        ("rules = 1 2", "line 1"),
        ("{", "EOF"),
    ],
)
def test_what_cannot_be_played_is_refused_by_rule_and_field(text: str, fault: str):
    with pytest.raises(ScriptError, match=fault):
        parse_script(text)
