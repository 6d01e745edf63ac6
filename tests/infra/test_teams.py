"""Teams come and go without moving each other's keys."""

from decimal import Decimal

from functions.domain.budget import Budget
from functions.domain.team import Team
from infra.stacks.teams import SHARDS, shards


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
