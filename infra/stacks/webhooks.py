"""Results that are sent to their callers: everything but the secrets, which are the teams' own."""

from constructs import Construct

from infra.artifacts import Artifacts
from infra.constructs.python_function import PythonLayer
from infra.constructs.shared_state import SharedState
from infra.constructs.webhook_service import WebhookService
from infra.place import Place
from infra.stacks.regional import RegionalStack


class WebhooksStack(RegionalStack):
    """The sender of webhooks."""

    def __init__(
        self, scope: Construct, *, place: Place, artifacts: Artifacts, state: SharedState
    ) -> None:
        super().__init__(
            scope,
            "webhooks",
            place=place,
            description="Agent Gatehouse: webhooks",
            tags={"gatehouse:consumer": "webhooks"},
        )
        WebhookService(
            self,
            "Webhooks",
            place=place,
            bundle=artifacts.webhooks,
            layer=PythonLayer(self, "Packages", folder=artifacts.functions_layer),
            state=state,
        )
