"""Acts when a budget runs low: the guard, its queue, and what tells people that it cannot."""

from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.domain.event import THRESHOLD_REACHED
from functions.settings import BudgetGuardSettings
from infra.constructs.python_function import PythonFunction
from infra.constructs.queue_alarms import QueueAlarms
from infra.constructs.shared_state import SharedState
from infra.constructs.work_queue import WorkQueue
from infra.place import Place

TIMEOUT = Duration.seconds(30)
AT_A_TIME = 2
"""The least that SQS knows; a region's budgets seldom run low at once."""
LATE_SECONDS = 5 * 60
HEARD = {"type": [THRESHOLD_REACHED]}


class BudgetGuard(Construct):
    """Hears of thresholds on the topic of events, and of alarms on one of their own."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        place: Place,
        bundle: Path,
        layer: lambda_.ILayerVersion,
        state: SharedState,
        alarms: sns.ITopic,
    ) -> None:
        super().__init__(scope, id_)
        work = WorkQueue(self, "Work", consumer_timeout=TIMEOUT, keys=state.keys)
        guard = PythonFunction(
            self,
            "Guard",
            entrypoint="budget_guard",
            bundle=bundle,
            layers=[layer],
            settings=BudgetGuardSettings(
                **place.settings(),
                budgets_table=state.budgets.table_name,
                topic_arn=state.events.topic_arn,
                alarms_topic_arn=alarms.topic_arn,
                queue_url=work.queue.queue_url,
                dead_letters_url=work.dead_letters.queue_url,
            ),
            timeout=TIMEOUT,
            keys=state.keys,
            somebody_waits=False,
        )
        state.grant_restrict(guard.role)
        work.admit(guard.role, work.dead_letters)
        work.feed(guard.live, at_a_time=AT_A_TIME)
        # In SNS's envelope, which names the topic: the guard takes the word of these two alone.
        work.subscribe(Construct(self, "Thresholds"), state.events, HEARD, raw=False)
        work.subscribe(Construct(self, "Alarms"), alarms, None, raw=False)
        QueueAlarms(
            self,
            "Late",
            work=work,
            about="budget-guard",
            given_up="The guard of budgets was told something that it cannot act on.",
            late="The guard of budgets is late: a team is not restricted though it should be.",
            late_seconds=LATE_SECONDS,
        )
