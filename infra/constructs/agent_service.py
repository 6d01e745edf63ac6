"""One agent's way in by message: its queue, the function behind it, and the events it hears."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from functions.domain.agent import AgentManifest
from functions.settings import QueueSettings
from infra.constructs.model_access import model_access
from infra.constructs.python_function import PythonFunction
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
        self._function = PythonFunction(
            self,
            "Worker",
            entrypoint="queue",
            bundle=bundle,
            layers=[layer],
            settings=QueueSettings(
                **state.run_places(place), agent=manifest.name, topic_arn=state.events.topic_arn
            ),
            timeout=batch.timeout,
        )
        self._work = WorkQueue(self, "Work", consumer_timeout=batch.timeout)
        self._grant(manifest, place, state)
        self._feed(manifest, batch)
        self._subscribe(manifest, state.events)

    def _grant(self, manifest: AgentManifest, place: Place, state: SharedState) -> None:
        role = self._function.role
        state.grant_runs(role)
        for statement in model_access(Stack.of(self), manifest.models[place.zone.name]):
            role.add_to_policy(statement)
        if manifest.emits:
            state.events.grant_publish(role)

    def _feed(self, manifest: AgentManifest, batch: Batch) -> None:
        self._function.live.add_event_source(
            event_sources.SqsEventSource(
                self._work.queue,
                batch_size=batch.size,
                max_concurrency=manifest.concurrency,
                report_batch_item_failures=True,
            )
        )

    def _subscribe(self, manifest: AgentManifest, events: sns.ITopic) -> None:
        if not manifest.consumes:
            return
        by_type = sns.SubscriptionFilter.string_filter(allowlist=list(manifest.consumes))
        events.add_subscription(
            subscriptions.SqsSubscription(
                self._work.queue, filter_policy={"type": by_type}, raw_message_delivery=True
            )
        )
