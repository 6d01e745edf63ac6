"""Rules by the clock."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from local import schedules
from local.invocation import Invocation, Reply
from local.schedules import Clock, Schedule
from local.template import TemplateError

ARN = "arn:aws:lambda:eu-central-1:111122223333:function:Sweeper:live"


def rule(expression: str, target: str = ARN) -> Any:
    return SimpleNamespace(
        type="AWS::Events::Rule",
        name="EveryMinute",
        where="upkeep/EveryMinute",
        properties={"ScheduleExpression": expression, "Targets": [{"Arn": target}]},
    )


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(1 day)", 86_400)],
)
def test_a_rate_is_a_number_of_seconds(expression: str, seconds: int) -> None:
    assert schedules.of([rule(expression)]) == (Schedule("EveryMinute", ARN, seconds),)


@pytest.mark.parametrize(
    "other", [rule("cron(0 3 1 * ? *)"), rule(""), rule("rate(1 minute)", "arn:aws:sqs:::queue")]
)
def test_what_the_clock_cannot_do_is_refused_by_name(other: Any) -> None:
    with pytest.raises(TemplateError, match="upkeep/EveryMinute"):
        schedules.of([other])


def test_a_time_of_day_is_met_each_day() -> None:
    (schedule,) = schedules.of([rule("cron(30 3 * * ? *)")])
    due = datetime(2026, 11, 2, 3, 30, tzinfo=UTC)

    assert schedule.wait_seconds(due - timedelta(minutes=1)) == 60
    assert schedule.wait_seconds(due) == 86_400
    assert schedule.wait_seconds(due + timedelta(hours=1)) == 23 * 3600


def test_a_tick_calls_the_function_with_a_scheduled_event() -> None:
    called: list[Invocation] = []

    def invoke(call: Invocation) -> Reply:
        called.append(call)
        return Reply(b"{}")

    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    Clock(Schedule("EveryMinute", ARN, 60), invoke, lambda: at).tick()

    (call,) = called
    event = json.loads(call.payload)
    assert call.arn == ARN
    assert (event["detail-type"], event["time"]) == ("Scheduled Event", "2026-11-02T09:30:00Z")
