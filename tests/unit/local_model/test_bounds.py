"""Bounds survive the way through a description."""

import pytest

from functions.adapters.portable_schema import portable
from local.model.bounds import bounded
from tests import fakes


def test_what_a_function_told_in_words_is_enforced_again() -> None:
    original = fakes.Word.model_json_schema()

    field = bounded(portable(original))["properties"]["word"]

    assert (field["minLength"], field["maxLength"]) == (1, 20)


def test_bounds_are_found_at_any_depth() -> None:
    schema = {"anyOf": [{"type": "array", "description": 'Names. {"maxItems": 3}'}]}

    assert bounded(schema)["anyOf"][0]["maxItems"] == 3


@pytest.mark.parametrize(
    "description", ["a {word} in braces", "ends in {braces}", '{"pattern": "x"}', "", 5, None]
)
def test_any_other_description_says_nothing_of_bounds(description: object) -> None:
    assert bounded({"type": "string", "description": description}) == {
        "type": "string",
        "description": description,
    }
