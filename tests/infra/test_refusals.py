"""What must not be deployed is refused before anything is built, in a sentence that says why."""

from pathlib import Path

import pytest

from infra import synth
from infra.blueprint import Blueprint, Refused
from tests.infra.estates import HAIKU, TIERS, ZONES, estate, manifest, team

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def _refusal(
    home: Path, toml: str, *, teams: str = TIERS + team("helpdesk"), zones: str = ZONES
) -> str:
    sources = estate(home / "estate", agents={"echo": toml}, teams=teams, zones=zones)
    with pytest.raises(Refused) as refused:
        Blueprint.read(sources)
    return str(refused.value)


def test_an_estate_that_fits_is_not_refused(tmp_path: Path):
    sources = estate(tmp_path / "estate", agents={"echo": manifest()})
    assert [agent.name for agent in Blueprint.read(sources).agents] == ["echo"]


def test_a_model_that_the_zone_does_not_allow(tmp_path: Path):
    zones = ZONES.replace(f'  "eu.{HAIKU}",\n', "")
    message = _refusal(tmp_path, manifest(), zones=zones)
    assert message == (
        f"agent echo: the zone eu does not allow the model 'eu.{HAIKU}';"
        f" zones.toml lists: eu.{SONNET}"
    )


def test_a_model_that_may_run_anywhere_in_the_world(tmp_path: Path):
    message = _refusal(tmp_path, manifest(f'eu = ["global.{HAIKU}"]'))
    assert (
        f"agent echo: the model 'global.{HAIKU}' may run in any region of the world,"
        " outside the zone eu"
    ) in message


def test_a_model_of_another_geography(tmp_path: Path):
    message = _refusal(tmp_path, manifest(f'eu = ["us.{HAIKU}"]'))
    assert (
        f"agent echo: the model 'us.{HAIKU}' may run in the geography 'us', outside the zone eu"
    ) in message


def test_a_zone_cannot_allow_what_leaves_it(tmp_path: Path):
    zones = ZONES.replace(f'"eu.{SONNET}"', f'"global.{SONNET}"')
    message = _refusal(tmp_path, manifest(), zones=zones)
    assert (
        f"zones.toml: the model 'global.{SONNET}' may run in any region of the world,"
        " outside the zone eu"
    ) in message


def test_a_model_without_a_price(tmp_path: Path):
    zones = ZONES.replace(f'"eu.{HAIKU}"', '"eu.example.new-v1:0"')
    message = _refusal(tmp_path, manifest('eu = ["eu.example.new-v1:0"]'), zones=zones)
    assert (
        "agent echo: the model 'eu.example.new-v1:0' of the zone eu has no price;"
        " add it to functions/domain/prices.toml"
    ) in message


def test_an_agent_of_an_unknown_zone(tmp_path: Path):
    message = _refusal(tmp_path, manifest(f'mars = ["eu.{HAIKU}"]'))
    assert message == "agent echo: there is no zone 'mars' (zones.toml has: eu, us)"


def test_a_team_of_an_unknown_zone(tmp_path: Path):
    message = _refusal(tmp_path, manifest(), teams=TIERS + team("lost", zone="mars"))
    assert message == "team lost: there is no zone 'mars' (zones.toml has: eu, us)"


def test_a_teams_role_that_opens_nothing(tmp_path: Path):
    teams = TIERS + team("helpdesk", roles='"echo:run", "ecco:run", "events:publish"')
    assert _refusal(tmp_path, manifest(), teams=teams) == (
        "team helpdesk: no agent or route asks for the role 'ecco:run';"
        " these are asked for: echo:run, events:publish, usage:read-all"
    )


@pytest.mark.parametrize("field", ["consumes", "emits"])
def test_an_event_without_a_contract(tmp_path: Path, field: str):
    wiring = {"consumes": '["review.submitted"]', "emits": '"review.sentiment"'}
    wiring[field] = wiring[field].replace("review.", "rumour.")
    name = wiring[field].strip('[]"')
    assert _refusal(tmp_path, manifest(**wiring)) == (
        f"agent echo: the event '{name}' has no contract; add the folder events/{name}/"
    )


def test_a_firewall_that_would_stop_a_team_within_its_tier(tmp_path: Path):
    zones = f"{ZONES}\n[zones.eu.edge.firewall]\nrequests_per_address = 2999\n"
    assert _refusal(tmp_path, manifest(), zones=zones) == (
        "zone eu: the firewall stops an address at 2999 requests in 300 seconds, and a team of the"
        " tier standard may send 3000: raise requests_per_address"
    )


def test_a_domain_that_is_not_where_callers_are_told_to_go(tmp_path: Path):
    domain = 'name = "agents.example.com"\nhosted_zone = { id = "Z1", name = "example.com" }'
    message = _refusal(tmp_path, manifest(), zones=f"{ZONES}\n[zones.eu.edge.domain]\n{domain}\n")
    assert "base_url leads callers to eu.agents.example.com" in message


def test_every_problem_is_told_at_once(tmp_path: Path):
    message = _refusal(
        tmp_path,
        manifest(f'mars = ["eu.{HAIKU}"]\neu = ["global.{HAIKU}"]', consumes='["no.contract"]'),
    )
    assert all(f"'{fault}" in message for fault in ("mars", "global.", "no.contract"))


def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path):
    assert "agents/echo/agent.toml" in _refusal(tmp_path, manifest(timeout_seconds="1"))


def test_an_unknown_region_is_refused_with_those_that_are_known(tmp_path: Path):
    sources = estate(tmp_path / "estate", agents={})
    with pytest.raises(Refused, match=r"no zone owns mars-west-1; zones\.toml has: eu-central-1"):
        synth.assembly(regions=["mars-west-1"], sources=sources)


def test_the_command_line_refuses_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    estate(tmp_path / "estate", agents={"echo": manifest(f'eu = ["global.{HAIKU}"]')})
    files = [f"--{name}={tmp_path / 'estate' / f'{name}.toml'}" for name in ("teams", "zones")]
    folders = [f"--{name}={tmp_path / 'estate' / name}" for name in ("agents", "events")]
    out = tmp_path / "out"
    assert synth.main([*files, *folders, f"--output={out}"]) == 1
    assert capsys.readouterr().err.startswith("refused: agent echo: the model 'global.")
    assert not out.exists()
