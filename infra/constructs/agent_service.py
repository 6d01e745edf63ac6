"""One agent's way in by message: its queue, the function behind it, and the events it hears."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.domain.agent import AgentManifest
from functions.settings import QueueSettings
from infra.constructs.agent_alarms import AgentAlarms
from infra.constructs.dashboards import AgentDashboard
from infra.constructs.inference_profiles import profile_access
from infra.constructs.model_access import model_access
from infra.constructs.personal_data_access import personal_data_access
from infra.constructs.python_function import PythonFunction
from infra.constructs.rollout import FAULTY_SHARE, faults
from infra.constructs.shared_state import SharedState
from infra.constructs.work_queue import WorkQueue
from infra.place import Place

LARGEST_BATCH = 10
LONGEST_BATCH_SECONDS = 60
"""Six times this is how long the messages of a killed function wait to be delivered again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """How many messages a call of the function takes, and how long it may work on them.

    Messages of a batch are worked on one after the other. A batch that could outlast its function
    would send messages to the dead-letter queue that nobody ever looked at.
    """

    size: int
    timeout: Duration

    @classmethod
    def of(cls, manifest: AgentManifest) -> "Batch":
        fitting = max(1, LONGEST_BATCH_SECONDS // manifest.timeout_seconds)
        size = min(LARGEST_BATCH, fitting)
        return cls(size, Duration.seconds(size * manifest.timeout_seconds))


class AgentService(Construct):
    """The agent's queue and function, subscribed to the events that its manifest consumes."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        manifest: AgentManifest,
        place: Place,
        bundle: Path,
        layer: lambda_.ILayerVersion,
        state: SharedState,
    ) -> None:
        super().__init__(scope, id_)
        batch = Batch.of(manifest)
        self._work = WorkQueue(self, "Work", consumer_timeout=batch.timeout, keys=state.keys)
        self._function = PythonFunction(
            self,
            "Worker",
            entrypoint="queue",
            bundle=bundle,
            layers=[layer],
            settings=QueueSettings(
                **state.run_places(place),
                agent=manifest.name,
                runs_table=state.runs.table_name,
                pace_table=state.pace.table_name,
                topic_arn=state.events.topic_arn,
                queue_url=self._work.queue.queue_url,
                dead_letters_url=self._work.dead_letters.queue_url,
            ),
            timeout=batch.timeout,
            keys=state.keys,
            stage=place.stage,
        )
        AgentAlarms(self, "Alarms", manifest=manifest, work=self._work)
        if place.zone.alerts.agent_dashboards:
            AgentDashboard(
                self, "Board", manifest=manifest, function=self._function.name, work=self._work
            )
        if self._function.rollout:
            self._function.rollout.turn_back(
                "Faults",
                f"{manifest.name}: more runs fail while a new version takes over.",
                faults(manifest.name),
                above=FAULTY_SHARE,
            )
        self._grant(manifest, place, state)
        self._work.feed(self._function.live, at_a_time=manifest.concurrency, batch_size=batch.size)
        self._work.subscribe(self, state.events, _heard(manifest))

    def _grant(self, manifest: AgentManifest, place: Place, state: SharedState) -> None:
        role = self._function.role
        state.grant_runs(role)
        for statement in model_access(Stack.of(self), manifest.models[place.zone.name]):
            role.add_to_policy(statement)
        models = manifest.models[place.zone.name]
        for statement in profile_access(Stack.of(self), place, models):
            role.add_to_policy(statement)
        for statement in personal_data_access(Stack.of(self), place):
            role.add_to_policy(statement)
        state.grant_consume(role)
        self._work.admit(role, self._work.queue, self._work.dead_letters)


def _heard(manifest: AgentManifest) -> dict[str, object]:
    """The events that an agent hears: those that it consumes, and its own requested runs."""
    requested: dict[str, object] = {"type": ["run.requested"], "agent": [manifest.name]}
    if not manifest.consumes:
        return requested
    return {"$or": [{"type": list(manifest.consumes)}, requested]}
