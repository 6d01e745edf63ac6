"""What every construct can ask of the stack that it stands in: where that is, who is told of what.

Whatever is watched is noted here, so that dashboards and alarms that are made of others find it.
"""

from dataclasses import dataclass, field

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from functions.domain.alerts import Severity
from infra.place import Place
from infra.watching.alarms import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A stack's place, and what is watched in it."""

    stack: Stack
    place: Place
    watches: list[Watch] = field(default_factory=list)
    functions: dict[str, str] = field(default_factory=dict)
    """By entrypoint, what CloudFormation calls them."""

    @classmethod
    def of(cls, scope: Construct) -> "Here":
        """Of the stack around a construct.

        Raises:
            TypeError: it is no stack of a region.
        """
        found = getattr(Stack.of(scope), "here", None)
        if not isinstance(found, cls):
            msg = f"{scope.node.path} stands in no RegionalStack"
            raise TypeError(msg)
        return found

    def alarm_name(self, name: str) -> str:
        return f"{self.stack.stack_name}-{name}"

    def alarm_arn(self, name: str) -> str:
        """Of an alarm of this region, by its full name."""
        return self.stack.format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def topic_arn(self, severity: Severity) -> str:
        """Where alarms of this severity go: a topic of the zone's own, or ours."""
        own = self.place.zone.alerts.of(severity).topics.get(self.place.region)
        name = self.place.stack_name(severity)
        return own or self.stack.format_arn(service="sns", resource=name)
