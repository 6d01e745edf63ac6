"""The dashboards of CloudWatch: one for the region, one for each agent."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from functions.domain.agent import AgentManifest
from infra.constructs.here import Here
from infra.constructs.work_queue import WorkQueue
from infra.watching.agent_board import AgentNames, agent_board
from infra.watching.cloudwatch import body
from infra.watching.panels import Board
from infra.watching.region_board import RegionNames, region_board


class AgentDashboard(Construct):
    """What is measured of one agent, under its alarms."""

    def __init__(
        self, scope: Construct, id_: str, *, manifest: AgentManifest, function: str, work: WorkQueue
    ) -> None:
        super().__init__(scope, id_)
        here = Here.of(self)
        promised = manifest.objectives
        names = AgentNames(
            agent=manifest.name,
            function=function,
            queue=work.queue.queue_name,
            dead_letters=work.dead_letters.queue_name,
            availability_percent=promised.availability_percent,
            latency_percent=promised.latency_percent,
            quick_ms=promised.quick_ms(manifest.timeout_seconds),
        )
        alarms = [here.alarm_arn(here.alarm_name(watch.name)) for watch in here.watches]
        _dashboard(self, here.stack.stack_name, agent_board(manifest.title, names), alarms)


class RegionDashboard(Construct):
    """What is measured in a region, under the alarms that tell somebody."""

    def __init__(
        self, scope: Construct, id_: str, *, names: RegionNames, alarms: Sequence[str]
    ) -> None:
        super().__init__(scope, id_)
        here = Here.of(self)
        arns = [here.alarm_arn(name) for name in alarms]
        board = region_board(f"Agent Gatehouse {here.place.region}", names)
        _dashboard(self, here.place.stack_name("region"), board, arns)


def _dashboard(scope: Construct, name: str, board: Board, alarms: Sequence[str]) -> None:
    stack = Stack.of(scope)
    cloudwatch.CfnDashboard(
        scope,
        "Dashboard",
        dashboard_name=name,
        dashboard_body=stack.to_json_string(body(board, stack.region, alarms)),
    )
