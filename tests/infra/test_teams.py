"""Teams come and go without moving each other's keys."""

from decimal import Decimal

from functions.domain.budget import Budget
from functions.domain.team import Team, Teams
from functions.domain.webhook import SECRET_CHARACTERS
from infra.blueprint import ROOT
from infra.stacks.teams import SHARDS, shards
from tests.infra.templates import Template, each


def _team(name: str) -> Team:
    return Team(
        name=name,
        zone="eu",
        business_unit="Unit",
        cost_centre="CC-1",
        tier="standard",
        budget=Budget(monthly_usd=Decimal(10)),
    )


def _where(names: list[str]) -> dict[str, int]:
    return {
        team.name: shard for shard, teams in shards(_team(name) for name in names) for team in teams
    }


def test_a_new_team_moves_no_other():
    names = [f"team-{number}" for number in range(100)]
    before = _where(names)
    after = _where(["aaa", *names, "zzz"])
    assert {name: after[name] for name in names} == before


def test_a_team_that_goes_moves_no_other():
    names = [f"team-{number}" for number in range(100)]
    assert _where(names[1:]).items() <= _where(names).items()


def test_every_shard_has_a_stack_so_that_its_last_key_can_go():
    assert [shard for shard, _ in shards([])] == list(range(SHARDS))


def test_sixteen_hundred_teams_fit_below_five_hundred_resources_a_stack():
    largest = max(len(teams) for _, teams in shards(_team(f"team-{n}") for n in range(1600)))
    assert 1 + 2 * largest < 500


def test_a_thousand_teams_fit_that_all_receive_webhooks():
    largest = max(len(teams) for _, teams in shards(_team(f"team-{n}") for n in range(1000)))
    assert 1 + 3 * largest < 500


def test_a_team_that_receives_webhooks_has_a_secret_that_no_template_knows(
    deployed: list[Template],
):
    receiving = Teams.parse((ROOT / "infra" / "teams.toml").read_text(encoding="utf-8")).teams
    expected = {
        (zone, f"gatehouse/webhooks/{team.name}")
        for team in receiving.values()
        if team.webhook_hosts
        for zone in [team.zone]
    }
    found = set()
    for template, _, secret in each(deployed, "AWS::SecretsManager::Secret"):
        (zone,) = (tag["Value"] for tag in secret["Tags"] if tag["Key"] == "gatehouse:zone")
        found.add((zone, secret["Name"]))
        drawn = {"ExcludePunctuation": True, "PasswordLength": SECRET_CHARACTERS}
        assert secret["GenerateSecretString"] == drawn, template.name
        assert "SecretString" not in secret, template.name
    assert found == expected
