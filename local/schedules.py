"""Calls functions by the clock, as EventBridge rules with a rate do."""

import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from local.authorizer import Invoke
from local.invocation import Invocation
from local.resources import Resource
from local.template import TemplateError

RATE = re.compile(r"rate\((\d+) (second|minute|hour|day)s?\)")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function, and how often it is called."""

    rule: str
    function_arn: str
    every_seconds: int


def of(resources: Iterable[Resource]) -> tuple[Schedule, ...]:
    """Every schedule of the templates.

    Raises:
        TemplateError: a rule is no rate, or its target is no function.
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
        while not self._stopped.wait(self._schedule.every_seconds):
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
    match = RATE.fullmatch(expression)
    if match is None:
        msg = (
            f"{rule.where}: the local runner calls by rates such as rate(1 minute), "
            f"not by {expression or 'event patterns'}"
        )
        raise TemplateError(msg)
    seconds = int(match[1]) * SECONDS[match[2]]
    for target in rule.properties.get("Targets", ()):
        if ":function:" not in target["Arn"]:
            msg = f"{rule.where}: the local runner's schedules call functions, not {target['Arn']}"
            raise TemplateError(msg)
        yield Schedule(rule.name, target["Arn"], seconds)
