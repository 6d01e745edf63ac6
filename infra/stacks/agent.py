"""What one agent needs in one region: a stack of its own, so that agents never crowd each other."""

from constructs import Construct

from functions.domain.agent import AgentManifest
from infra.artifacts import Artifacts
from infra.constructs.agent_service import AgentService
from infra.constructs.python_function import PythonLayer
from infra.constructs.shared_state import SharedState
from infra.place import Place
from infra.stacks.regional import RegionalStack


class AgentStack(RegionalStack):
    """The agent's service; everything in it carries the agent's cost tag."""

    def __init__(
        self,
        scope: Construct,
        *,
        place: Place,
        manifest: AgentManifest,
        artifacts: Artifacts,
        state: SharedState,
    ) -> None:
        super().__init__(
            scope,
            f"agent-{manifest.name}",
            place=place,
            description=f"Agent Gatehouse: {manifest.title}",
            tags={"gatehouse:agent": manifest.name},
        )
        AgentService(
            self,
            "Agent",
            manifest=manifest,
            place=place,
            bundle=artifacts.queue(manifest.name),
            layer=PythonLayer(self, "Packages", folder=artifacts.functions_layer),
            state=state,
        )
