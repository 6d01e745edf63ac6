"""Event contracts are true to their samples, to their consumers and to those that emit them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from functions.agents import HERE, discover, load
from functions.domain.agent import AgentManifest
from functions.domain.event import Event

EVENTS = Path(__file__).parents[2] / "events"
SCHEMAS = sorted(EVENTS.glob("*/v*.schema.json"))
SAMPLES = sorted(EVENTS.glob("*/samples/*.json"))


def name(path: Path) -> str:
    return str(path.relative_to(EVENTS))


def schema_of(sample: Path) -> dict[str, Any]:
    """The contract that a sample's name says it fits."""
    version = sample.name.split("-")[0]
    return read(sample.parents[1] / f"{version}.schema.json")


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def check(schema: dict[str, Any], data: object) -> None:
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(data)


def upper_bounds(part: Any, root: dict[str, Any], where: str = "") -> dict[str, float]:
    """How long, how many and how much a schema allows, by place and keyword."""
    if "$ref" in part:
        part = root["$defs"][part["$ref"].rpartition("/")[2]]
    found = {
        f"{where} {keyword}": float(part[keyword])
        for keyword in ("maxLength", "maxItems", "maximum")
        if keyword in part
    }
    inner = [(f"{where}/{key}", value) for key, value in part.get("properties", {}).items()]
    inner += [(f"{where}/0", part["items"])] if "items" in part else []
    inner += [(where, choice) for choice in part.get("anyOf", ())]
    for place, value in inner:
        found |= upper_bounds(value, root, place)
    return found


@pytest.mark.parametrize("path", SCHEMAS, ids=name)
def test_a_contract_is_a_schema_with_an_owner(path: Path) -> None:
    schema = read(path)
    Draft202012Validator.check_schema(schema)
    version = path.name.split(".")[0]
    assert schema["$id"] == f"urn:gatehouse:event:{path.parent.name}:{version}"
    assert schema["title"]
    assert schema["description"]
    assert "@" in schema["x-owner"]
    assert list((path.parent / "samples").glob(f"{version}-*.json"))


@pytest.mark.parametrize("path", SCHEMAS, ids=name)
def test_a_contract_is_open_so_that_a_field_can_be_added(path: Path) -> None:
    assert "additionalProperties" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_is_an_event_of_its_type_and_fits_its_contract(path: Path) -> None:
    sample = read(path)
    event = Event.model_validate(sample)
    assert event.type == path.parents[1].name
    assert sample["dataschema"] == schema_of(path)["$id"]
    check(schema_of(path), event.data)


@pytest.mark.parametrize("manifest", discover(), ids=lambda m: m.name)
def test_what_an_agent_consumes_it_accepts(manifest: AgentManifest) -> None:
    agent = load(manifest.name)
    for type_ in manifest.consumes:
        samples = list((EVENTS / type_ / "samples").glob("*.json"))
        assert samples, type_
        for sample in samples:
            agent.request.model_validate(Event.model_validate(read(sample)).data)


@pytest.mark.parametrize("manifest", discover(), ids=lambda m: m.name)
def test_what_an_agent_emits_fits_the_contract(manifest: AgentManifest) -> None:
    if manifest.emits is None:
        return
    schema = read(EVENTS / manifest.emits / "v1.schema.json")
    samples = sorted((HERE / manifest.name / "samples").glob("*.json"))
    for sample in samples:
        check(schema, read(sample)["reply"])


@pytest.mark.parametrize("manifest", discover(), ids=lambda m: m.name)
def test_an_agent_takes_whatever_an_event_that_fits_may_hold(manifest: AgentManifest) -> None:
    taken = load(manifest.name).request.model_json_schema()
    for type_ in manifest.consumes:
        sent = read(EVENTS / type_ / "v1.schema.json")
        allowed = upper_bounds(sent, sent)
        for place, most in upper_bounds(taken, taken).items():
            assert allowed[place] <= most, place


@pytest.mark.parametrize("manifest", discover(), ids=lambda m: m.name)
def test_whatever_an_agent_may_say_fits_the_contract(manifest: AgentManifest) -> None:
    if manifest.emits is None:
        return
    said = load(manifest.name).reply.model_json_schema(mode="serialization")
    contract = read(EVENTS / manifest.emits / "v1.schema.json")
    most = upper_bounds(said, said)
    for place, allowed in upper_bounds(contract, contract).items():
        if place in most:
            assert most[place] <= allowed, place
