"""What flags mean for a run, and what a caller is told of them."""

from collections import Counter
from typing import Any

import pytest

from functions.domain.errors import AgentSwitchedOff, FlagNotEvaluated, FlagNotFound
from functions.domain.flags import BUCKETS, agent_flag, bucket
from functions.domain.names import JsonObject
from functions.domain.run import Run
from functions.domain.team import Caller
from functions.pipeline.flags import Evaluation
from functions.pipeline.run import acceptance, pipeline
from tests import fakes

ECHO = agent_flag("echo")
CALLER = fakes.run().caller


def rule(*conditions: tuple[str, str, object], gives: object = True) -> JsonObject:
    written = [{"key": k, "action": a, "value": v} for k, a, v in conditions]
    return {"when_match": gives, "conditions": written}


HALF = rule(("bucket", "KEY_LESS_THAN_VALUE", 50))


def evaluation(written: JsonObject, **changes: Any) -> Evaluation:
    context = changes.pop("context", {})
    team = fakes.TEAM.model_copy(update={"enabled": changes.pop("team_enabled", True)})
    flags = fakes.FakeSwitches(written).flags()
    assert flags is not None
    caller = CALLER.model_copy(update={"roles": changes.pop("roles", CALLER.roles)})
    agents = [fakes.manifest(**changes)]
    return Evaluation.of(agents, flags=flags, caller=caller, team=team, context=context)


def decided(written: JsonObject, flag: str = ECHO, **changes: Any) -> tuple[object, str, str]:
    found = evaluation(written, **changes).decide(flag)
    return found.value, found.variant, found.reason


def is_let_in(written: JsonObject | None, run: Run | None = None) -> bool:
    model = fakes.FakeModel()
    runs = pipeline(fakes.parts(model=model, switches=fakes.FakeSwitches(written)))
    try:
        runs(run or fakes.run())
    except AgentSwitchedOff:
        assert not model.questions
        return False
    return True


def test_an_agent_that_nobody_wrote_a_flag_for_is_on() -> None:
    assert is_let_in({})
    assert decided({}) == (True, "manifest", "STATIC")


def test_a_flag_switches_an_agent_off_for_runs_now_and_later() -> None:
    off = {ECHO: {"default": False}}
    later = acceptance(
        fakes.parts(switches=fakes.FakeSwitches(off)), lambda run: pytest.fail("accepted")
    )

    assert not is_let_in(off)
    assert decided(off) == (False, "default", "STATIC")
    with pytest.raises(AgentSwitchedOff) as caught:
        later(fakes.run(channel="async"))
    assert caught.value.retry_after_seconds == 60


def test_an_agent_can_be_off_for_one_team_only() -> None:
    off = {
        "default": True,
        "rules": {"not them": rule(("team", "EQUALS", "helpdesk"), gives=False)},
    }
    other = Caller(subject="bob", team="retail", zone="eu", roles=CALLER.roles)

    assert not is_let_in({ECHO: off})
    assert is_let_in({ECHO: off}, fakes.run(caller=other))
    assert decided({ECHO: off}) == (False, "not them", "TARGETING_MATCH")


def test_while_no_flags_are_known_the_manifest_decides() -> None:
    parts = fakes.parts(switches=fakes.FakeSwitches(None), agents=fakes.agents(enabled=False))

    assert is_let_in(None)
    with pytest.raises(AgentSwitchedOff):
        pipeline(parts)(fakes.run())


@pytest.mark.parametrize(
    ("written", "outcome"),
    [
        ({"default": False, "rules": {"half": HALF}}, "let in"),
        ({"default": False, "rules": {"one": rule(("bucket", "EQUALS", 99))}}, "let in"),
        (
            {"default": True, "rules": {"all": rule(("bucket", "NOT_EQUALS", -1), gives=False)}},
            "refused",
        ),
    ],
)
def test_a_run_is_let_in_if_the_agent_is_on_for_any_share_of_its_team(
    written: JsonObject, outcome: str
) -> None:
    assert is_let_in({ECHO: written}) == (outcome == "let in")


def test_no_flag_opens_what_the_manifest_or_the_roles_keep_closed() -> None:
    on = {ECHO: {"default": True}}

    assert decided(on, enabled=False) == (False, "agent-switched-off", "DISABLED")
    assert decided(on, team_enabled=False) == (False, "team-switched-off", "DISABLED")
    assert decided(on, roles=frozenset()) == (False, "role-missing", "TARGETING_MATCH")


def test_a_share_of_users_is_the_same_every_time_and_as_large_as_it_says() -> None:
    keys = [f"user-{number}" for number in range(10_000)]
    written = {ECHO: {"default": False, "rules": {"half": HALF}}}

    found = [decided(written, context={"targetingKey": key}) for key in keys]

    assert found == [decided(written, context={"targetingKey": key}) for key in keys]
    counted = Counter(found)
    assert counted.keys() == {(True, "half", "SPLIT"), (False, "default", "DEFAULT")}
    assert abs(counted[True, "half", "SPLIT"] - 5_000) < 150  # three standard deviations


def test_buckets_are_even_and_drawn_anew_for_each_flag() -> None:
    keys = [f"user-{number}" for number in range(10_000)]

    sizes = Counter(bucket("a", key) for key in keys)
    same = sum(bucket("a", key) == bucket("b", key) for key in keys)

    assert sizes.keys() == set(range(BUCKETS))
    assert max(sizes.values()) < 150
    assert same < 200
    assert bucket("agent.echo", "user-1") == 94  # for ever: a release must not move anybody


def test_a_flag_that_differs_between_users_needs_one() -> None:
    asked = evaluation({ECHO: {"default": False, "rules": {"half": HALF}}})

    with pytest.raises(FlagNotEvaluated) as caught:
        asked.decide(ECHO)
    assert caught.value.code == "TARGETING_KEY_MISSING"


def test_rules_see_what_the_application_says_of_its_user() -> None:
    written = {
        "page": {
            "boolean_type": False,
            "default": "short",
            "rules": {"germany": rule(("country", "EQUALS", "DE"), gives="long")},
        }
    }
    assert decided(written, "page") == ("short", "default", "DEFAULT")
    assert decided(written, "page", context={"country": "DE"}) == (
        "long",
        "germany",
        "TARGETING_MATCH",
    )


def test_rules_see_the_caller_s_own_team_whatever_the_context_says() -> None:
    written = {"page": {"default": False, "rules": {"x": rule(("team", "EQUALS", "retail"))}}}

    assert decided(written, "page", context={"team": "retail"})[0] is False


def test_a_context_of_the_wrong_kind_matches_no_rule_and_breaks_nothing() -> None:
    written = {"page": {"default": False, "rules": {"x": rule(("age", "IN", [1, 2]))}}}

    assert decided(written, "page", context={"age": {"a": []}})[0] is False


@pytest.mark.parametrize("flag", ["nothing", "agent.nobody"])
def test_a_flag_that_there_is_not_is_not_found(flag: str) -> None:
    written = {"agent.nobody": {"default": True}}

    asked = evaluation(written)

    assert list(asked.names) == [ECHO]
    with pytest.raises(FlagNotFound):
        asked.decide(flag)
