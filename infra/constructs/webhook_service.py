"""Sends results to their callers: the queue of those that are to be sent, and its function."""

from pathlib import Path

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.domain.webhook import SECRETS
from functions.settings import WebhookSettings
from infra.constructs.python_function import PythonFunction
from infra.constructs.queue_alarms import QueueAlarms
from infra.constructs.shared_state import SharedState
from infra.constructs.work_queue import WorkQueue
from infra.place import Place

TIMEOUT = Duration.seconds(45)
"""Ten are the receiver's; a name server that does not answer has its own patience."""
AT_A_TIME = 20
"""How many receivers are waited for at once. A message is a batch: none waits behind a slow one."""
LATE_SECONDS = 30 * 60
"""All tries of a webhook together take a quarter of an hour, or more if a receiver asks for it."""
HEARD = {"type": ["run.completed", "run.failed"], "callback": ["yes"]}


class WebhookService(Construct):
    """The queue and the function behind it, told of runs that are over and have a callback."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        place: Place,
        bundle: Path,
        layer: lambda_.ILayerVersion,
        state: SharedState,
    ) -> None:
        super().__init__(scope, id_)
        work = WorkQueue(self, "Work", consumer_timeout=TIMEOUT, keys=state.keys)
        sender = PythonFunction(
            self,
            "Sender",
            entrypoint="webhooks",
            bundle=bundle,
            layers=[layer],
            settings=WebhookSettings(
                **place.settings(),
                runs_table=state.runs.table_name,
                outcomes_bucket=state.outcomes.bucket_name,
                queue_url=work.queue.queue_url,
                dead_letters_url=work.dead_letters.queue_url,
            ),
            timeout=TIMEOUT,
            keys=state.keys,
            somebody_waits=False,
            stage=place.stage,
        )
        QueueAlarms(
            self,
            "Alarms",
            work=work,
            about="webhook",
            given_up="A webhook could not be delivered and waits for a person.",
            late="Webhooks are late.",
            late_seconds=LATE_SECONDS,
        )
        state.grant_show(sender.role)
        sender.role.add_to_policy(_secrets(Stack.of(self)))
        state.keys.use_data(sender.role, "secretsmanager")
        work.admit(sender.role, work.dead_letters)
        work.feed(sender.live, at_a_time=AT_A_TIME)
        work.subscribe(self, state.events, HEARD)


def _secrets(stack: Stack) -> iam.PolicyStatement:
    """Reading the teams' secrets: their names would not fit into a policy, their prefix does."""
    every = stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{SECRETS}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[every])
