"""Who is told that money runs low, and whose word the guard of budgets takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.domain.bill import budget_name
from functions.domain.team import Teams
from infra.blueprint import ROOT, Blueprint, Refused
from tests.infra.conftest import TEAMS
from tests.infra.estates import HAIKU, TIERS, ZONES, estate, manifest, team
from tests.infra.templates import Template, each

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
REGISTERED = Teams.parse((ROOT / "infra" / "teams.toml").read_text(encoding="utf-8"))


def of_teams(templates: list[Template]) -> list[Template]:
    return [template for template in templates if "-team-budgets-" in template.name]


def guards(templates: list[Template]) -> list[Template]:
    return [template for template in templates if template.name.endswith("-budgets")]


def test_every_team_with_addresses_has_an_alarm_for_each_threshold_and_its_forecast(
    deployed: list[Template], grown: list[Template]
):
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for template, _, alarm in each(of_teams(deployed), "AWS::CloudWatch::Alarm"):
        (by,) = (d["Value"] for d in alarm["Dimensions"] if d["Name"] == "team")
        what = alarm["MetricName"], alarm["Threshold"]
        found.setdefault((template.region, by), []).append(what)
    wanted = [("BudgetUsed", 49.99), ("BudgetUsed", 79.99), ("BudgetUsed", 99.99)]
    places = {"eu": ("eu-central-1", "eu-west-1"), "us": ("us-east-1",)}
    homes = {(r, t.name) for t in REGISTERED.teams.values() for r in places[t.zone]}
    assert found.keys() == homes
    assert all(sorted(each_) == [("BudgetForecast", 100), *wanted] for each_ in found.values())
    assert len([*each(of_teams(grown), "AWS::CloudWatch::Alarm")]) == 4 * TEAMS


def test_an_alarm_tells_the_teams_own_topic_and_the_guard(grown: list[Template]):
    (guard,) = guards(grown)
    (topic,) = guard.of_type("AWS::SNS::Topic").values()
    for template in of_teams(grown):
        topics = template.of_type("AWS::SNS::Topic")
        for id_, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
            own, guards_topic = alarm["AlarmActions"]
            assert own["Ref"] in topics, (template.name, id_)
            assert topic["TopicName"] in json.dumps(guards_topic), (template.name, id_)


def test_every_address_of_a_team_is_subscribed_to_that_teams_topic(grown: list[Template]):
    subscribed: dict[str, set[str]] = {}
    for template, _, subscription in each(of_teams(grown), "AWS::SNS::Subscription"):
        assert subscription["Protocol"] == "email"
        key = f"{template.name} {subscription['TopicArn']['Ref']}"
        subscribed.setdefault(key, set()).add(subscription["Endpoint"])
    assert [*subscribed.values()] == [{"one@example.com", "two@example.com"}] * TEAMS


def test_only_alarms_and_budgets_of_the_account_publish_where_the_guard_listens(
    every: list[Template],
):
    for template in guards(every):
        (policy,) = template.of_type("AWS::SNS::TopicPolicy").values()
        allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        services = {s["Principal"]["Service"] for s in allowed}
        assert services == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}, template.name
        for statement in allowed:
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
            assert statement["Condition"]["ArnLike"]["aws:SourceArn"]


def test_the_guard_is_told_which_topic_a_message_is_from_and_knows_both(every: list[Template]):
    for template in guards(every):
        subscriptions = template.of_type("AWS::SNS::Subscription").values()
        assert [s["RawMessageDelivery"] for s in subscriptions] == [False, False]
        filters = [s["FilterPolicy"] for s in subscriptions if "FilterPolicy" in s]
        assert filters == [{"type": ["budget.threshold_reached"]}]
        (function,) = template.of_type("AWS::Lambda::Function").values()
        told = function["Environment"]["Variables"]
        known = {json.dumps(told[f"GATEHOUSE_{n}"]) for n in ("TOPIC_ARN", "ALARMS_TOPIC_ARN")}
        assert {json.dumps(s["TopicArn"]) for s in subscriptions} == known


def test_the_bill_is_watched_for_each_business_unit_where_it_can_tell_them_apart(
    switched_on: list[Template], every: list[Template]
):
    assert not any(template.of_type("AWS::Budgets::Budget") for template in every)
    ((template, _, found),) = each(switched_on, "AWS::Budgets::Budget")
    budget = found["Budget"]
    assert budget["BudgetName"] == budget_name(template.region, "Unit")
    assert budget["BudgetLimit"] == {"Amount": 20, "Unit": "USD"}
    assert budget["CostFilters"] == {
        "TagKeyValue": ["user:gatehouse:business-unit$Unit"],
        "Region": [template.region],
    }
    told = [entry["Notification"] for entry in found["NotificationsWithSubscribers"]]
    assert [(n["NotificationType"], n["Threshold"]) for n in told] == [
        ("ACTUAL", 50),
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    for entry in found["NotificationsWithSubscribers"]:
        kinds = [subscriber["SubscriptionType"] for subscriber in entry["Subscribers"]]
        assert kinds == ["SNS", "EMAIL", "EMAIL"]


def test_anomalies_of_the_whole_account_are_watched_from_one_region(
    switched_on: list[Template], every: list[Template]
):
    assert not any(template.of_type("AWS::CE::AnomalyMonitor") for template in every)
    ((template, _, monitor),) = each(switched_on, "AWS::CE::AnomalyMonitor")
    assert template.region == "eu-central-1"
    assert (monitor["MonitorType"], monitor["MonitorDimension"]) == ("DIMENSIONAL", "SERVICE")
    ((_, _, told),) = each(switched_on, "AWS::CE::AnomalySubscription")
    assert told["Subscribers"] == [{"Type": "EMAIL", "Address": "finops@example.com"}]
    assert json.loads(told["ThresholdExpression"])["Dimensions"]["Values"] == ["100"]


def poor(policy: str) -> str:
    return team("poor").replace("monthly_usd = 10", f"monthly_usd = 10, {policy}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {
                "agents": {"echo": manifest(f'eu = ["eu.{SONNET}", "eu.{HAIKU}"]')},
                "teams": TIERS + poor('on_exhausted = "downgrade"'),
            },
            "names none in eu",
        ),
        (
            {"teams": TIERS + poor('on_exhausted = "stop"')},
            "teams.poor.budget.on_exhausted",
        ),
        ({"teams": TIERS + poor("at_percent = 75")}, "teams.poor.budget.at_percent"),
        (
            {"agents": {"echo": manifest() + f'\n[cheap]\neu = "eu.{SONNET}"\n'}},
            "none of the agent's models",
        ),
        ({"teams": TIERS + team("poor") + 'alerts = ["nobody"]\n'}, "teams.poor.alerts"),
        (
            {
                "zones": ZONES
                + "".join(
                    f'\n[zones.{zone}.cost_anomalies]\naddresses = ["finops@example.com"]\n'
                    for zone in ("eu", "us")
                )
            },
            "one monitor watches the whole account",
        ),
        (
            {
                "zones": ZONES.replace(
                    "[zones.eu]", '[zones.eu]\ninference_profiles = "business-unit"', 1
                ),
                "teams": TIERS
                + "".join(
                    team(f"team-{n}") + f'alerts = ["{n}a@example.com", "{n}b@example.com"]\n'
                    for n in range(6)
                ),
            },
            "12 addresses",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_and_named(
    tmp_path: Path, changes: dict[str, Any], said: str
):
    given: dict[str, Any] = {"agents": {"echo": manifest()}} | changes
    with pytest.raises(Refused, match=said):
        Blueprint.read(estate(tmp_path / "estate", **given))
