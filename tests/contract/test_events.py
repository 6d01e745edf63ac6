"""Event contracts are true to their samples, to their consumers and to those that emit them."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic.json_schema import GenerateJsonSchema

from cli.contracts.asyncapi import PLATFORM
from cli.contracts.compare import PROMISE, broken
from cli.contracts.inclusion import Inclusion
from cli.contracts.shape import ANNOTATIONS, UNDERSTOOD, shape
from functions.agents import HERE, discover, load
from functions.domain import errors
from functions.domain.conformity import FORMATS, validator
from functions.domain.contracts import Contracts, released
from functions.domain.errors import GatehouseError
from functions.domain.event import MOST_HOPS, Event

EVENTS = Path(__file__).parents[2] / "events"
SCHEMAS = sorted(EVENTS.glob("*/v*.schema.json"))
SAMPLES = sorted(EVENTS.glob("*/samples/*.json"))
ENVELOPE = EVENTS / "envelope.schema.json"
CONTRACTS = Contracts.load(EVENTS)
KYC = ("kyc_screening", "kyc.requested", "kyc.assessed")
CONSUMED = {(m.name, type_) for m in discover() for type_ in m.consumes} | {(KYC[0], KYC[1])}
EMITTED = {(m.name, m.emits) for m in discover() if m.emits} | {(KYC[0], KYC[2])}
"""By agent; KYC's contracts are its agent's, also while it answers over HTTP alone."""
DIALECT = (UNDERSTOOD | ANNOTATIONS | {"$ref", "const"}) - {"prefixItems"}
"""Rules that the comparison understands, and that Draft-07 has as well: registries want that."""


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
    validator(schema).validate(data)


def every_error() -> list[type[GatehouseError]]:
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    return [kind for kind in found if issubclass(kind, GatehouseError)]


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and every schema inside it."""
    if isinstance(schema, dict):
        yield schema
        inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
        inner += [schema[k] for k in ("items", "additionalProperties") if k in schema]
        inner += [part for k in ("anyOf", "oneOf") for part in schema.get(k, ())]
        for part in inner:
            yield from parts(part)


class Complete(GenerateJsonSchema):
    """A reply is sent with all its fields, also those that have a default."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: FBT001  # pydantic's signature
        return True


@pytest.mark.parametrize("path", SCHEMAS, ids=name)
def test_a_contract_is_a_schema_with_an_owner(path: Path) -> None:
    schema = read(path)
    Draft202012Validator.check_schema(schema)
    version = path.name.split(".")[0]
    assert schema["$id"] == f"urn:gatehouse:event:{path.parent.name}:{version}"
    assert schema["title"]
    assert schema["description"]
    assert "@" in schema["x-owner"]
    assert schema[PROMISE] in {"BACKWARD", "FULL"}
    assert list((path.parent / "samples").glob(f"{version}-*.json"))


@pytest.mark.parametrize("path", SCHEMAS, ids=name)
def test_a_contract_is_open_so_that_a_field_can_be_added(path: Path) -> None:
    assert "additionalProperties" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*SCHEMAS, ENVELOPE], ids=name)
def test_a_contract_speaks_a_language_that_every_tool_here_understands(path: Path) -> None:
    for part in parts(read(path)):
        known = {keyword for keyword in part if not keyword.startswith("x-")}
        assert known <= DIALECT
        assert "$ref" not in part or known <= {"$ref"} | ANNOTATIONS
        assert part.get("format") in {None, *FORMATS}


@pytest.mark.parametrize("path", SCHEMAS, ids=name)
def test_every_field_is_described(path: Path) -> None:
    for part in parts(read(path)):
        for field, schema in part.get("properties", {}).items():
            assert schema["description"].endswith("."), field


def test_what_the_gatehouse_sends_readers_can_go_on_reading() -> None:
    sent = {*PLATFORM, *(type_ for _, type_ in EMITTED)}
    for type_ in sent:
        assert CONTRACTS.latest(type_).schema[PROMISE] == "FULL", type_


def test_no_contract_breaks_what_was_released() -> None:
    assert [*map(str, broken(released(EVENTS), CONTRACTS))] == []


def test_the_envelope_is_what_the_gatehouse_reads() -> None:
    envelope = read(ENVELOPE)
    fields = Event.model_fields
    assert set(envelope["properties"]) == set(fields)
    required = {field for field, info in fields.items() if info.is_required()}
    assert set(envelope["required"]) == required | {"specversion"}
    assert envelope["properties"]["hops"]["maximum"] == MOST_HOPS


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_has_an_envelope(path: Path) -> None:
    check(read(ENVELOPE), read(path))


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_could_be_published(path: Path) -> None:
    sample = read(path)
    contract = CONTRACTS.named(sample["type"], sample["dataschema"])
    assert contract.violations(sample["data"]) == ()


@pytest.mark.parametrize("path", SAMPLES, ids=name)
def test_a_sample_is_an_event_of_its_type_and_fits_its_contract(path: Path) -> None:
    sample = read(path)
    event = Event.model_validate(sample)
    assert event.type == path.parents[1].name
    assert sample["dataschema"] == schema_of(path)["$id"]
    check(schema_of(path), event.data)


@pytest.mark.parametrize(("name", "type_"), sorted(CONSUMED))
def test_an_agent_reads_the_samples_of_what_it_consumes(name: str, type_: str) -> None:
    samples = [*(EVENTS / type_ / "samples").glob("*.json")]
    assert samples
    for sample in samples:
        load(name).request.model_validate(Event.model_validate(read(sample)).data)


@pytest.mark.parametrize(("name", "type_"), sorted(EMITTED))
def test_the_samples_of_an_agent_could_be_published(name: str, type_: str) -> None:
    for sample in sorted((HERE / name / "samples").glob("*.json")):
        assert CONTRACTS.latest(type_).violations(read(sample)["reply"]) == (), sample.name


@pytest.mark.parametrize(("name", "type_"), sorted(CONSUMED))
def test_an_agent_takes_whatever_an_event_that_fits_may_hold(name: str, type_: str) -> None:
    taken = load(name).request.model_json_schema()
    proof = Inclusion("an event", "the agent", reader_is_closed=False)
    for version in CONTRACTS.versions(type_):
        assert proof.gaps(shape(CONTRACTS.find(type_, version).schema), shape(taken)) == []


@pytest.mark.parametrize(("name", "type_"), sorted(EMITTED))
def test_whatever_an_agent_may_say_fits_the_contract(name: str, type_: str) -> None:
    said = load(name).reply.model_json_schema(mode="serialization", schema_generator=Complete)
    proof = Inclusion("the agent", "the contract", reader_is_closed=True)
    assert proof.gaps(shape(said), shape(CONTRACTS.latest(type_).schema)) == []


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.slug)
def test_every_way_to_fail_fits_the_contract(error: type[GatehouseError]) -> None:
    problem = error("Something failed.").problem()
    failed = {"run_id": f"run_{'0' * 32}", "agent": "echo", "problem": problem}
    assert CONTRACTS.latest("run.failed").violations(failed) == ()
