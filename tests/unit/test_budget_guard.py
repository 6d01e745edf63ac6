"""The guard of budgets: whose word it takes, and what it makes of it, with fakes."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.bootstrap.budget_guard import Guard
from functions.domain.bill import budget_name
from functions.domain.budget import Balance, Budget
from functions.domain.names import MicroUsd
from functions.domain.restriction import Restriction
from functions.domain.team import Teams
from functions.entrypoints.budget_guard import take
from functions.entrypoints.sweeper import threshold_event
from functions.settings import BudgetGuardSettings
from tests import fakes
from tests.unit.test_consumer import message

EVENTS = "arn:aws:sns:eu-central-1:111122223333:events"
ALARMS = "arn:aws:sns:eu-central-1:111122223333:budget-alarms"
UNIT = budget_name("eu-central-1", fakes.TEAM.business_unit)
BILL = f"""AWS Budget Notification November 2, 2026
AWS Account 111122223333

Dear AWS Customer,

You requested that we alert you when the ACTUAL Cost associated with your {UNIT} budget is greater
than $8,000.00 for the current month.

Budget Name: {UNIT}
Budget Type: Cost
Budgeted Amount: $10,000.00
Alert Type: ACTUAL
Alert Threshold: > $8,000.00
ACTUAL Amount: $8,123.45
"""


@dataclass
class FakeRestrictions:
    """Marks by limit; ``lifted`` keeps the percentage up to which none is placed."""

    marks: dict[tuple[str, str, str], int] = field(default_factory=dict)
    lifted: int = 0

    def place(self, restriction: Restriction, shards: int) -> bool:
        key = restriction.team, restriction.scope, restriction.action
        if restriction.percent <= self.lifted:
            return False
        return self.marks.setdefault(key, restriction.percent) == restriction.percent


@dataclass
class FakeCounters:
    counted: list[Restriction] = field(default_factory=list)

    def count_restriction(self, restriction: Restriction) -> None:
        self.counted.append(restriction)


class Office:
    """A guard made of fakes, and one team with a policy."""

    def __init__(self, **policy: Any) -> None:
        policy = {"on_exhausted": "suspend", "at_percent": 80} | policy
        budget = Budget.model_validate({"monthly_usd": Decimal(10), **policy})
        team = fakes.TEAM.model_copy(update={"budget": budget})
        self.restrictions, self.counters = FakeRestrictions(), FakeCounters()
        self.publisher, self.mailbox = fakes.FakePublisher(), fakes.FakeMailbox()
        self.guard = Guard(
            settings=BudgetGuardSettings(
                zone="eu",
                region="eu-central-1",
                budgets_table="budgets",
                topic_arn=EVENTS,
                alarms_topic_arn=ALARMS,
                queue_url="queue",
                dead_letters_url="dead",
            ),
            teams=Teams(tiers={}, teams={team.name: team}),
            restrictions=self.restrictions,
            publisher=self.publisher,
            counters=self.counters,
            mailbox=self.mailbox,
            now=lambda: fakes.NOW,
            jitter=lambda: 1.0,
        )

    def take(self, said: str, topic: str = ALARMS, **changes: str) -> str:
        envelope = {
            "Type": "Notification",
            "TopicArn": topic,
            "Message": said,
            "Timestamp": "2026-11-02T09:29:58.123Z",
        }
        told = message({})
        body = json.dumps(envelope | changes)
        return take(self.guard, _with(told, body), timedelta(seconds=30))

    def refusal(self) -> str:
        (letter,) = self.mailbox.buried
        return f"{letter.reason}: {letter.detail}"


def _with(told: Any, body: str) -> Any:
    return replace(told, body=body)


def threshold(percent: int = 80, *, zone: str = "eu", **changes: Any) -> str:
    fields: dict[str, Any] = {
        "team": "helpdesk",
        "period": "2026-11",
        "scope": "team",
        "limit": MicroUsd(10_000_000),
        "spent": MicroUsd(8_000_000),
        "promised": MicroUsd(0),
        "refused": False,
    }
    told = threshold_event(Balance(**fields | changes), percent, zone, fakes.NOW)
    return told.model_dump_json(exclude_none=True)


def alarm(state: str = "ALARM", metric: str = "BudgetUsed", **changes: Any) -> str:
    trigger = {
        "Namespace": "Gatehouse",
        "MetricName": metric,
        "Threshold": 80.0,
        "Dimensions": [
            {"name": "service", "value": "gatehouse"},
            {"name": "team", "value": "helpdesk"},
        ],
    }
    told = {"AlarmName": "spent", "NewStateValue": state, "Trigger": trigger | changes}
    return json.dumps(told)


@pytest.mark.parametrize(
    ("said", "topic", "percent", "teller"),
    [
        (threshold(), EVENTS, 80, "ledger"),
        (threshold(100), EVENTS, 100, "ledger"),
        (alarm(), ALARMS, 80, "alarm"),
        (BILL, ALARMS, 80, "bill"),
    ],
)
def test_a_team_is_restricted_as_its_policy_says_and_it_is_recorded(
    said: str, topic: str, percent: int, teller: str
):
    office = Office()
    assert office.take(said, topic) == "succeeded"
    assert office.restrictions.marks == {("helpdesk", "team", "suspend"): percent}
    (told,) = office.publisher.events
    assert (told.type, told.team) == ("budget.restricted", "helpdesk")
    assert (told.data["action"], told.data["told_by"]) == ("suspend", teller)
    (counted,) = office.counters.counted
    assert counted.percent == percent


def test_being_told_twice_restricts_once_and_tells_it_under_one_id():
    office = Office()
    for said, topic in ((threshold(), EVENTS), (threshold(), EVENTS), (alarm(), ALARMS)):
        assert office.take(said, topic) == "succeeded"
    assert len(office.restrictions.marks) == 1
    assert len({told.id for told in office.publisher.events}) == 1


def test_a_higher_threshold_adds_nothing_to_a_restriction_that_stands():
    office = Office()
    office.take(threshold(80), EVENTS)
    office.take(threshold(100), EVENTS)
    assert [told.data["percent"] for told in office.publisher.events] == [80]


def test_a_limit_of_one_agent_restricts_that_agent_only():
    office = Office(on_exhausted="downgrade")
    office.take(threshold(scope="agent/echo"), EVENTS)
    assert office.restrictions.marks == {("helpdesk", "agent/echo", "downgrade"): 80}


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        (threshold(50), EVENTS),
        (threshold(period="2026-10"), EVENTS),
        (alarm("OK"), ALARMS),
        (alarm("INSUFFICIENT_DATA"), ALARMS),
        (alarm(metric="BudgetForecast"), ALARMS),
        (alarm(Threshold=50.0), ALARMS),
        (BILL.replace("ACTUAL", "FORECASTED"), ALARMS),
        (BILL.replace("$8,123.45", "$5,100.00"), ALARMS),
    ],
)
def test_what_is_too_little_a_forecast_or_over_restricts_nobody(said: str, topic: str):
    office = Office()
    assert office.take(said, topic) == "succeeded"
    assert office.restrictions.marks == {}
    assert office.publisher.events == []


def test_a_team_that_only_wants_to_be_told_is_not_restricted():
    office = Office(on_exhausted="notify", at_percent=50)
    assert office.take(threshold(100), EVENTS) == "succeeded"
    assert office.restrictions.marks == {}


def test_what_somebody_lifted_is_not_placed_again_at_the_same_percentage():
    office = Office()
    office.restrictions.lifted = 80
    office.take(threshold(80), EVENTS)
    assert office.publisher.events == []
    office.take(threshold(100), EVENTS)
    assert [told.data["percent"] for told in office.publisher.events] == [100]


def test_an_alarm_of_the_last_minute_of_a_month_does_not_restrict_the_next():
    office = Office()
    assert office.take(alarm(), Timestamp="2026-10-31T23:59:59.000Z") == "succeeded"
    assert office.restrictions.marks == {}


@pytest.mark.parametrize(
    ("said", "topic", "reason"),
    [
        (alarm(), "arn:aws:sns:eu-central-1:999999999999:budget-alarms", "access-denied"),
        (threshold(), ALARMS, "malformed-request"),
        (alarm(), EVENTS, "malformed-request"),
        (threshold(zone="us"), EVENTS, "malformed-request"),
        (threshold(team="nobody"), EVENTS, "access-denied"),
        (alarm(Namespace="Elsewhere"), ALARMS, "malformed-request"),
        (alarm(MetricName="Runs"), ALARMS, "malformed-request"),
        (alarm(Dimensions=[]), ALARMS, "malformed-request"),
        (alarm(Threshold="much"), ALARMS, "malformed-request"),
        (BILL.replace(UNIT, "another"), ALARMS, "malformed-request"),
        (BILL.replace("$8,123.45", "8123 EUR"), ALARMS, "malformed-request"),
        (BILL.replace("$10,000.00", "$0.00"), ALARMS, "malformed-request"),
        ("", ALARMS, "malformed-request"),
        ("{", ALARMS, "malformed-request"),
    ],
)
def test_what_is_no_word_of_its_senders_is_left_to_a_person(said: str, topic: str, reason: str):
    office = Office()
    assert office.take(said, topic) == "dead-lettered"
    assert office.refusal().startswith(reason)
    assert office.restrictions.marks == {}


def test_a_message_without_its_envelope_is_left_to_a_person():
    office = Office()
    assert take(office.guard, _with(message({}), alarm()), timedelta(1)) == "dead-lettered"
    assert "TopicArn" in office.refusal()
