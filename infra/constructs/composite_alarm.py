"""An alarm that is made of others, so that one fault is told once.

Alarms are named in rules by their names, so nothing but order says that one is made of another:
whoever makes one adds what it depends on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.here import Here
from infra.watching.sections import SECTIONS

EXTENSION_SECONDS = 10 * 60
"""When a cause is over, its effects are still seen in the shortest window for so long."""
MOST_CHILDREN = 100
"""In one rule."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """While another alarm is on, this one tells nobody."""

    by: "Explanation"
    wait_seconds: int
    """How long that alarm may take to be on after this one."""


class CompositeAlarm(cloudwatch.CfnCompositeAlarm):
    """On while its rule holds, and held back while its suppressor is on."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        says: str,
        section: str,
        rule: str,
        held_back: HeldBack,
    ) -> None:
        here = Here.of(scope)
        tells = [here.topic_arn(SECTIONS[section].severity)]
        super().__init__(
            scope,
            id_,
            alarm_name=name,
            alarm_description=f"{says} docs/runbook.md#{section}",
            alarm_rule=rule,
            alarm_actions=tells,
            ok_actions=tells if SECTIONS[section].ends else None,
            actions_suppressor=here.alarm_arn(held_back.by.name),
            actions_suppressor_wait_period=held_back.wait_seconds,
            actions_suppressor_extension_period=EXTENSION_SECONDS,
        )
        self.name = name
        self.node.add_dependency(held_back.by)


class Explanation(Construct):
    """On while one of some alarms is. It tells nobody, since each of those does."""

    def __init__(self, scope: Construct, id_: str, *, name: str, of: Sequence[str]) -> None:
        super().__init__(scope, id_)
        self.name = Here.of(self).alarm_name(name)
        self._numbers = count(1)
        self._made: list[cloudwatch.CfnCompositeAlarm] = []
        while len(of) > MOST_CHILDREN:
            of = [self._one_of(group, f"-{next(self._numbers)}") for group in _groups(of)]
        self._one_of(of)

    def _one_of(self, names: Sequence[str], suffix: str = "") -> str:
        made = cloudwatch.CfnCompositeAlarm(
            self,
            f"Any{suffix}",
            alarm_name=f"{self.name}{suffix}",
            alarm_description="Holds alarms back while what explains them is told already.",
            alarm_rule=any_of(names),
        )
        for earlier in self._made:
            made.node.add_dependency(earlier)
        self._made.append(made)
        return f"{self.name}{suffix}"


def any_of(names: Sequence[str]) -> str:
    """The rule that one of these alarms is on."""
    return " OR ".join(f'ALARM("{name}")' for name in names)


def both(first: str, second: str) -> str:
    """The rule that these two are on at once."""
    return f'(ALARM("{first}") AND ALARM("{second}"))'


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), MOST_CHILDREN):
        yield names[start : start + MOST_CHILDREN]
