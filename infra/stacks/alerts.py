"""The topics of alarms have a stack of their own: whoever is subscribed stays so."""

from constructs import Construct

from infra.constructs.alarm_topics import AlarmTopics
from infra.constructs.region_keys import Keys
from infra.place import Place
from infra.stacks.regional import RegionalStack


class AlertsStack(RegionalStack):
    """The topics, and nothing that changes with a deploy."""

    def __init__(self, scope: Construct, *, place: Place, keys: Keys) -> None:
        super().__init__(scope, "alerts", place=place, description="Agent Gatehouse: alarm topics")
        AlarmTopics(self, "Topics", keys=keys)
