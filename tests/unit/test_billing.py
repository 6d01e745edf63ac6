"""What a region and a run cost follows from resources and from measurements; nothing is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.billing.charges import Charge, assumed, summed, total
from infra.billing.idle import BY_USE, CHARGED, FREE, Stack, Unpriced, calls_per_month
from infra.billing.pages import SHOWN, idle, idle_by_stack
from infra.billing.runs import WAYS, charges, model_cost, seconds, used
from infra.cost import REGIONS
from infra.prices import aws_prices
from tests.capacity import size

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"MemorySize": 512, "SnapStart": {"ApplyOn": "PublishedVersions"}},
}
BOTS = {"ManagedRuleGroupStatement": {"Name": "AWSManagedRulesBotControlRuleSet"}}
LIVE = {"FunctionName": {"Ref": "F"}}
CLOCK = {"ScheduleExpression": "rate(1 hour)", "Targets": [{"Arn": {"Ref": "Live"}}]}


def charged(type_: str, properties: dict[str, Any], **others: Any) -> dict[str, float]:
    stack = Stack(
        "upkeep", "us-east-1", {"Id": {"Type": type_, "Properties": properties}, **others}
    )
    return {charge.item: charge.amount for charge in stack.charges()}


def stat(period: int) -> dict[str, Any]:
    return {"MetricStat": {"Period": period}}


def test_a_type_that_nobody_priced_is_an_error_that_says_where_and_what_to_do():
    with pytest.raises(Unpriced, match=r"upkeep of us-east-1, Id: nobody has said what AWS::EC2::"):
        charged("AWS::EC2::NatGateway", {})


def test_no_type_is_judged_twice():
    assert len({*CHARGED, *FREE, *BY_USE}) == len(CHARGED) + len(FREE) + len(BY_USE)


def test_an_alarm_costs_by_the_metrics_of_its_formula():
    formula = {"Metrics": [{"Expression": "a / b"}, stat(60), stat(300)]}
    assert charged("AWS::CloudWatch::Alarm", formula) == {"alarm-metric": 2}
    assert charged("AWS::CloudWatch::Alarm", {"Period": 60}) == {"alarm-metric": 1}
    with pytest.raises(Unpriced, match="less than a minute"):
        charged("AWS::CloudWatch::Alarm", {"Period": 10})


def test_a_firewall_costs_by_its_rules_and_more_where_it_looks_for_bots():
    rules = [{"Statement": BOTS}, {"Statement": {"RateBasedStatement": {}}}]
    found = charged("AWS::WAFv2::WebACL", {"Rules": rules})
    assert found == {"firewall-acl": 1, "firewall-rule": 2, "firewall-bot-control": 1}
    assert "firewall-bot-control" not in charged("AWS::WAFv2::WebACL", {"Rules": rules[1:]})


def test_a_snapshot_costs_by_the_memory_of_its_function_all_month():
    found = charged("AWS::Lambda::Version", LIVE, F=FUNCTION)
    assert found == {"snapshot-cache": pytest.approx(0.5 * 2.628)}
    plain = {"Type": FUNCTION["Type"], "Properties": {"MemorySize": 512}}
    assert charged("AWS::Lambda::Version", LIVE, F=plain) == {}


def test_functions_that_are_always_warm_cost_while_they_wait():
    warm = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 4}}
    found = charged("AWS::Lambda::Alias", LIVE | warm, F=FUNCTION)
    assert found == {"warm-function": pytest.approx(4 * 0.5 * 2.628)}
    assert charged("AWS::Lambda::Alias", LIVE, F=FUNCTION) == {}


def test_an_empty_queue_is_polled_and_other_sources_are_not_guessed():
    queue = {"EventSourceArn": {"Fn::GetAtt": ["WorkQueue", "Arn"]}}
    polls = 15 * 60 * 730 / 1_000_000
    mapping = "AWS::Lambda::EventSourceMapping"
    assert charged(mapping, queue) == {"queue-request": pytest.approx(polls)}
    with pytest.raises(Unpriced, match="only queues"):
        charged(mapping, {"EventSourceArn": {"Fn::GetAtt": ["Stream", "Arn"]}})


def test_a_clock_costs_what_it_calls():
    live = {"Type": "AWS::Lambda::Alias", "Properties": LIVE}
    found = charged("AWS::Events::Rule", CLOCK, F=FUNCTION, Live=live)
    assert found["function-call"] == pytest.approx(730 / 1_000_000)
    assert found["function-time"] == pytest.approx(730 * 0.3 * 0.5 / 1_000_000)
    assert found["lambda-log-ingestion"] > 0
    assert found["snapshot-restore"] > 0
    plain = {"Type": FUNCTION["Type"], "Properties": {"MemorySize": 512}}
    assert "snapshot-restore" not in charged("AWS::Events::Rule", CLOCK, F=plain, Live=live)


@pytest.mark.parametrize(
    ("schedule", "calls"),
    [("rate(1 minute)", 43_800), ("rate(5 minutes)", 8_760), ("cron(30 3 * * ? *)", 730 / 24)],
)
def test_a_schedule_is_so_many_calls(schedule: str, calls: float):
    assert calls_per_month(schedule) == pytest.approx(calls)


@pytest.mark.parametrize("schedule", ["cron(0/5 * * * ? *)", "cron(0 3 ? * MON *)", "at(2027)"])
def test_a_schedule_that_is_not_understood_is_not_guessed(schedule: str):
    with pytest.raises(Unpriced, match="teach"):
        calls_per_month(schedule)


def test_tiers_hold_for_all_of_a_month_together():
    two = [Charge("metrics", "custom-metric", 6_000), Charge("metrics", "custom-metric", 6_000)]
    assert total(two, "us-east-1") == pytest.approx(3_000 + 200)
    assert len(summed(two)) == 1


def test_whatever_a_run_uses_has_a_price_in_every_region():
    assert used().keys() == {way.used for way in WAYS}
    for way in WAYS:
        for region in REGIONS:
            assert total(charges(way), region) > 0


def test_a_run_costs_more_when_it_does_more():
    plain, keyed, hit, event, later = (total(charges(way), "us-east-1") for way in WAYS)
    assert hit < plain < keyed < later
    assert event > hit


def test_lambda_is_paid_for_while_it_waits_for_a_model():
    plain, *_ = WAYS
    hit = next(way for way in WAYS if not way.asks_a_model)
    assert seconds(plain) > assumed().model_seconds.value > seconds(hit)
    assert model_cost(hit, "eu") == 0


def test_the_model_s_price_is_that_of_the_ledger():
    plain, *_ = WAYS
    # 1,200 tokens at 1.10 and 180 at 5.50 dollars a million, a million times.
    assert model_cost(plain, "eu") == pytest.approx(1_320 + 990)


def test_every_price_that_is_asked_for_is_there():
    assert set(SHOWN) <= set(REGIONS)
    for way in WAYS:
        assert {charge.item for charge in charges(way)} <= aws_prices().keys()


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """Two agents with a dashboard each, and the keys of three teams with a secret."""
    board = {"Type": "AWS::CloudWatch::Dashboard", "Properties": {}}
    key, secret = {"Type": "AWS::ApiGateway::ApiKey"}, {"Type": "AWS::SecretsManager::Secret"}
    templates = {
        "agent-one": {"Board": board},
        "agent-two": {"Board": board},
        "teams-0": {"A": key, "B": key, "C": key, "S": secret | {"Properties": {}}},
    }
    artifacts = {}
    for name, resources in templates.items():
        (tmp_path / name).write_text(json.dumps({"Resources": resources}))
        artifacts[f"gatehouse-us-east-1-{name}"] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/us-east-1",
            "properties": {"templateFile": name},
        }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return tmp_path


def test_an_idle_region_is_summed_by_what_it_has_and_told_by_agent_and_by_team(assembly: Path):
    told = idle(assembly)
    assert "| dashboards | dashboard-month | 2 | 6.00 |" in told
    assert "| **all** |  |  | **6.40** |" in told
    by_stack = idle_by_stack(assembly)
    assert "| each agent | 3.00 |" in by_stack
    assert "| each team | 0.13 |" in by_stack


def test_an_item_weighs_its_names_and_its_values():
    assert size({"pk": {"S": "ab"}, "n": {"N": "1234"}}) == 4 + 4
    assert size({"l": {"L": [{"BOOL": True}]}, "m": {"M": {"k": {"S": "v"}}}}) == 6 + 7
