"""What is watched across stacks, so the last of a region: causes, notices and the dashboard."""

from collections.abc import Sequence

from constructs import Construct

from functions.domain.agent import AgentManifest
from infra.constructs.agent_notices import AgentNotices, told
from infra.constructs.composite_alarm import CompositeAlarm, HeldBack
from infra.constructs.dashboards import RegionDashboard
from infra.constructs.gateway import api_name
from infra.constructs.here import Here
from infra.constructs.region_alarms import RegionAlarms
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.routes import STAGE
from infra.stacks.agent import AgentStack
from infra.stacks.regional import RegionalStack
from infra.watching.region_board import RegionNames, audit_destinations

CAUSE_SECONDS = 2 * 60
"""A cause is looked for every minute, so it may be seen so long after what it causes."""


class WatchingStack(RegionalStack):
    """Alarms that are made of others', and the board of the region."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        agents: Sequence[tuple[AgentManifest, AgentStack]],
        others: Sequence[RegionalStack],
        state: SharedState,
    ) -> None:
        super().__init__(scope, "watching", place=place, description="Agent Gatehouse: watching")
        api = api_name(place.zone)
        region = RegionAlarms(self, "Region", api=api, stage=STAGE, models=place.zone.models)
        pages: list[CompositeAlarm] = []
        for manifest, stack in agents:
            # An alarm can only be made of others that are there.
            self.add_stack_dependency(stack)
            held_back = HeldBack(region.cause, CAUSE_SECONDS)
            notices = AgentNotices(
                self, manifest.name, manifest=manifest, agent=stack.here, held_back=held_back
            )
            pages.append(notices.page)
        region.close(pages)
        names = RegionNames(
            api=api,
            stage=STAGE,
            stream=state.audit.stream_name,
            audit=audit_destinations(splunk=place.zone.audit.splunk is not None),
            functions=_functions([stack.here for stack in others]),
            tables={table.node.id: table.table_name for table in state.tables},
        )
        agents_fail = [page.name for page in pages]
        alarms = [*told([self.here]), *agents_fail, *told(stack.here for stack in others)]
        RegionDashboard(self, "Board", names=names, alarms=alarms)


def _functions(places: Sequence[Here]) -> dict[str, str]:
    return {name: function for here in places for name, function in here.functions.items()}
