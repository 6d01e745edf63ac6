"""Calls functions by the clock, as EventBridge rules do: at a rate, or at a time of each day."""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

from local.authorizer import Invoke
from local.invocation import Invocation
from local.resources import Resource
from local.template import TemplateError

RATE = re.compile(r"rate\((\d+) (second|minute|hour|day)s?\)")
DAILY = re.compile(r"cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function, and how often it is called."""

    rule: str
    function_arn: str
    every_seconds: int
    daily_at: timedelta | None = None
    """Into the day, in UTC; without it, a rate that begins when the clock does."""

    def wait_seconds(self, now: datetime) -> float:
        """How long from now until the next call."""
        if self.daily_at is None:
            return self.every_seconds
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        due = midnight + self.daily_at
        return ((due if due > now else due + timedelta(days=1)) - now).total_seconds()


def of(resources: Iterable[Resource]) -> tuple[Schedule, ...]:
    """Every schedule of the templates.

    Raises:
        TemplateError: a rule is neither a rate nor a time of day, or its target is no function.
    """
    rules = [resource for resource in resources if resource.type == "AWS::Events::Rule"]
    return tuple(schedule for rule in rules for schedule in _schedules(rule))


class Clock:
    """Calls one function again and again until it is stopped."""

    def __init__(
        self,
        schedule: Schedule,
        invoke: Invoke,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._schedule = schedule
        self._invoke = invoke
        self._now = now
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self) -> None:
        self._thread.join()

    def tick(self) -> None:
        """One call. AWS would call asynchronously and retry; a schedule's next call is as good."""
        payload = json.dumps(scheduled_event(self._schedule.rule, self._now())).encode()
        self._invoke(Invocation(payload, self._schedule.function_arn))

    def _run(self) -> None:
        while not self._stopped.wait(self._schedule.wait_seconds(self._now())):
            self.tick()


def scheduled_event(rule: str, now: datetime) -> dict[str, Any]:
    """What EventBridge sends to a schedule's target."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": [rule],
        "detail": {},
    }


def _schedules(rule: Resource) -> Iterable[Schedule]:
    expression = str(rule.properties.get("ScheduleExpression", ""))
    seconds, daily_at = _times(rule, expression)
    for target in rule.properties.get("Targets", ()):
        if ":function:" not in target["Arn"]:
            msg = f"{rule.where}: the local runner's schedules call functions, not {target['Arn']}"
            raise TemplateError(msg)
        yield Schedule(rule.name, target["Arn"], seconds, daily_at)


def _times(rule: Resource, expression: str) -> tuple[int, timedelta | None]:
    if match := RATE.fullmatch(expression):
        return int(match[1]) * SECONDS[match[2]], None
    if match := DAILY.fullmatch(expression):
        return SECONDS["day"], timedelta(hours=int(match[2]), minutes=int(match[1]))
    msg = (
        f"{rule.where}: the local runner calls by rates such as rate(1 minute) and at a time of "
        f"each day such as cron(30 3 * * ? *), not by {expression or 'event patterns'}"
    )
    raise TemplateError(msg)
