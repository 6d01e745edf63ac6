"""The one schema that a raw reply obeys, and the content that its text stands for."""

import json
from typing import Any

import jsonschema
import pytest

from local.model.reply import blocks_of, calls_a_tool, raw_schema, tool_to_call
from tests.unit.local_model.calls import call, structured, tools

ORDER = {
    "$defs": {"Id": {"type": "string"}},
    "type": "object",
    "properties": {"id": {"$ref": "#/$defs/Id"}},
    "required": ["id"],
}


def schema_of(**body: Any) -> Any:
    return raw_schema(call("Hello", **body).request)


def test_without_a_wish_the_text_is_free():
    assert schema_of() is None


def test_structured_output_is_the_schema_of_the_caller():
    assert schema_of(outputConfig=structured("Order", ORDER)) == ORDER


@pytest.mark.parametrize("choice", [{"tool": {"name": "find"}}, {"any": {}}])
def test_a_tool_without_alternative_is_the_schema_of_its_input(choice: dict[str, Any]):
    config = tools("find", choice=choice, **ORDER)
    assert schema_of(toolConfig=config) == ORDER
    (block,) = blocks_of(call("Hello", toolConfig=config), '{"id": "A1"}')
    assert block["toolUse"]["name"] == "find"
    assert block["toolUse"]["input"] == {"id": "A1"}


def test_a_choice_among_tools_is_an_envelope_in_which_references_still_hold():
    config = tools("find", "track", choice={"any": {}}, **ORDER)
    schema = schema_of(toolConfig=config)
    jsonschema.validate({"tool": "track", "input": {"id": "A1"}}, schema)
    for wrong in ({"tool": "track", "input": {"id": 1}}, {"tool": "x", "input": {"id": "A1"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"reply": "No tool for me."}, schema)


@pytest.mark.parametrize("choice", [None, {"auto": {}}])
def test_a_model_that_need_not_call_a_tool_may_reply(choice: dict[str, Any] | None):
    asked = call("Hello", toolConfig=tools("find", choice=choice, **ORDER))
    assert tool_to_call(asked.request) is None
    jsonschema.validate({"reply": "Hello."}, raw_schema(asked.request) or {})
    assert blocks_of(asked, '{"reply": "Hello."}') == [{"text": "Hello."}]
    assert calls_a_tool(blocks_of(asked, '{"tool": "find", "input": {"id": "A1"}}'))


def test_a_reply_beside_tools_still_obeys_the_structured_output():
    asked = call("Hello", toolConfig=tools("find"), outputConfig=structured("Order", ORDER))
    schema = raw_schema(asked.request) or {}
    jsonschema.validate({"reply": {"id": "A1"}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"reply": "free text"}, schema)
    (block,) = blocks_of(asked, '{"reply": {"id": "A1"}}')
    assert json.loads(block["text"]) == {"id": "A1"}


def test_an_envelope_that_was_cut_off_stays_text():
    asked = call("Hello", toolConfig=tools("find"))
    assert blocks_of(asked, '{"tool": "fi') == [{"text": '{"tool": "fi'}]


def test_the_same_call_names_its_tool_use_the_same_and_another_call_does_not():
    config = tools("find", choice={"any": {}}, **ORDER)
    ids = [
        blocks_of(call(text, toolConfig=config), '{"id": "A1"}')[0]["toolUse"]["toolUseId"]
        for text in ("one", "one", "two")
    ]
    assert ids[0] == ids[1] != ids[2]
