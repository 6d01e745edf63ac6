"""Every agent keeps its own contract, and says what people need to use it."""

import json
from pathlib import Path

import pytest

from functions import config
from functions.agents import HERE, discover, load, prompt
from functions.domain.agent import AgentManifest
from functions.domain.pricing import price_list

AGENTS = discover()
SAMPLES = sorted(HERE.glob("*/samples/*.json"))


@pytest.mark.parametrize("manifest", AGENTS, ids=lambda m: m.name)
def test_an_agent_has_samples_enough_and_a_prompt(manifest: AgentManifest) -> None:
    assert len(list((HERE / manifest.name / "samples").glob("*.json"))) >= 8
    assert prompt(manifest.name)
    assert list((HERE / manifest.name).glob("test_*.py"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: f"{p.parents[1].name}/{p.stem}")
def test_a_sample_s_request_and_reply_fit_the_agent_s_contract(path: Path) -> None:
    agent = load(path.parents[1].name)
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert sample["description"]
    agent.request.model_validate(sample["request"])
    reply = agent.reply.model_validate(sample["reply"])
    assert len(reply.model_dump_json()) < agent.manifest.max_input_bytes


@pytest.mark.parametrize("manifest", AGENTS, ids=lambda m: m.name)
def test_every_model_of_an_agent_has_a_price_and_is_allowed_in_its_zone(
    manifest: AgentManifest,
) -> None:
    for zone, models in manifest.models.items():
        assert set(models) <= config.zones().zones[zone].models
        assert all(model in price_list(zone) for model in models)


@pytest.mark.parametrize("manifest", AGENTS, ids=lambda m: m.name)
def test_every_field_of_a_contract_is_described(manifest: AgentManifest) -> None:
    agent = load(manifest.name)
    for model in (agent.request, agent.reply):
        for name, field in model.model_json_schema()["properties"].items():
            assert field.get("description") or "$ref" in field, f"{model.__name__}.{name}"


@pytest.mark.parametrize("manifest", AGENTS, ids=lambda m: m.name)
def test_some_team_may_use_the_agent(manifest: AgentManifest) -> None:
    assert any(manifest.allows(team.roles) for team in config.teams().teams.values())
