"""What the OpenAPI document lets through is what the code reads, and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from functions.agents import discover, load
from functions.domain.callback import Callback
from functions.domain.contracts import Contracts
from functions.domain.errors import CallbackNotAllowed, MalformedRequest
from functions.domain.event import Event
from functions.domain.flags import OWN
from functions.entrypoints import openapi
from functions.entrypoints.openapi_events import EXAMPLE
from functions.entrypoints.openapi_headers import CALLBACK_URL, KEY
from functions.entrypoints.requests import WORKFLOW, read_key, read_workflow
from tests.unit.http_events import request

LOADED = [load(manifest.name) for manifest in discover()]
DOCUMENT = openapi.document(LOADED, base_url="https://eu.agents.example.com/")
CONTRACTS = Contracts.load(Path(__file__).parents[2] / "events")


def is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except CallbackNotAllowed:
        return True
    except MalformedRequest:
        return False
    return True


def body_of(path: str, media_type: str = "application/json") -> dict[str, Any]:
    operation = DOCUMENT["paths"][path]["post"]
    found: dict[str, Any] = operation["requestBody"]["content"][media_type]["schema"]
    return found


@pytest.mark.parametrize(
    "text",
    ['"8e03978e-40d5"', "8e03978e-40d5", '"with \\" and \\\\"', '"', '""', "a b", "a" * 256, "ä"],
)
def test_an_idempotency_key_is_one_for_both_or_for_neither(text: str) -> None:
    assert bool(re.fullmatch(KEY["pattern"], text)) is is_read(read_key, text)


@pytest.mark.parametrize(
    "text", ["onboarding", "9", "black-friday/2026", "", "-x", "a b", "a" * 65]
)
def test_a_workflow_is_one_for_both_or_for_neither(text: str) -> None:
    schema = Draft202012Validator(WORKFLOW.json_schema())
    read = is_read(lambda given: read_workflow(request(X_Workflow=given)), text)
    assert schema.is_valid(text) is read


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://Hooks.Example.COM:8443/a?b=c@d",
        "https://hooks.example.com:65535",
        "https://hooks.example.com:65536",
        "https://hooks.example.com/#part",
        "https://user@hooks.example.com/",
        "https://192.0.2.7/",
        "http://hooks.example.com/",
        "https://hooks.example.com/a b",
    ],
)
def test_a_callback_url_is_one_for_both_or_for_neither(url: str) -> None:
    read = is_read(lambda given: Callback.read(given, frozenset()), url)
    assert Draft202012Validator(CALLBACK_URL).is_valid(url) is read


def test_the_example_of_an_event_is_one_that_is_taken() -> None:
    assert Draft202012Validator(body_of("/v1/events")).is_valid(EXAMPLE)
    contract = CONTRACTS.named(EXAMPLE["type"], None)
    assert contract.violations(Event.model_validate(EXAMPLE | {"team": "retail"}).data) == ()


@pytest.mark.parametrize("changes", [{"time": 5}, {"id": ""}, {"type": "Review"}, {"data": []}])
def test_what_is_no_event_is_none_for_both(changes: dict[str, Any]) -> None:
    assert not Draft202012Validator(body_of("/v1/events")).is_valid(EXAMPLE | changes)
    with pytest.raises(ValidationError):
        Event.model_validate(EXAMPLE | {"team": "retail"} | changes)


def test_an_item_of_a_batch_takes_nothing_beside_its_input_and_key() -> None:
    for agent in LOADED:
        body = body_of(f"/v1/agents/{agent.manifest.name}/batch")
        assert body["additionalProperties"] is False
        item = body["properties"]["items"]["items"]
        assert item["additionalProperties"] is False
        assert set(item["properties"]) == {"input", "key"}


def test_a_flags_context_may_not_say_what_the_gatehouse_finds() -> None:
    schema = Draft202012Validator(body_of("/ofrep/v1/evaluate/flags"))
    assert schema.is_valid({"context": {"targetingKey": "ada", "plan": "free"}})
    assert [name for name in OWN if schema.is_valid({"context": {name: "x"}})] == []


def test_a_run_that_is_done_later_leads_to_where_it_is_read() -> None:
    operations = {
        operation["operationId"]: operation
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    }
    for agent in LOADED:
        links = operations[f"run_{agent.manifest.name}"]["responses"]["202"]["links"]
        (link,) = links.values()
        wanted = {each["name"] for each in operations[link["operationId"]]["parameters"]}
        assert set(link["parameters"]) == wanted


def test_a_search_without_words_is_refused_as_the_document_says() -> None:
    search = DOCUMENT["paths"]["/v1/agents/search"]["get"]
    (query,) = search["parameters"]
    assert (query["required"], query["schema"]["minLength"]) == (True, 1)
    assert "400" in search["responses"]
