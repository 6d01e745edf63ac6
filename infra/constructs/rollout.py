"""How calls move to a new version of a function: a few first, and back if it does worse.

CodeDeploy shifts the alias. The alarms look at the new version alone, so what the old one does in
the meantime turns nothing back.
"""

from collections.abc import Iterator

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.domain import metrics
from infra.stages import Canary, Linear

MINUTE = Duration.minutes(1)
BAD_MINUTES, WINDOW_MINUTES = 2, 5
"""Twice in five minutes: a single failure may be the network's."""
SLOW_SHARE = 0.8
"""Of the function's timeout."""
FAULTY_SHARE = 0.05
"""Of runs or calls, of both versions together: half of those that the new one gets at first."""


class Rollout(Construct):
    """The deployment group of one function, its role, and the alarms that turn it back."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        live: lambda_.Alias,
        timeout: Duration,
        how: Canary | Linear,
    ) -> None:
        super().__init__(scope, id_)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        for statement in _shifting(Stack.of(self), live):
            role.add_to_policy(statement)
        self._group = codedeploy.LambdaDeploymentGroup(
            self,
            "Group",
            alias=live,
            auto_rollback=codedeploy.AutoRollbackConfig(
                deployment_in_alarm=True, failed_deployment=True, stopped_deployment=True
            ),
            deployment_config=codedeploy.LambdaDeploymentConfig.from_lambda_deployment_config_name(
                self, "How", how.configuration
            ),
            # AWS's own policy for it may shift every function of the account.
            role=role.without_policy_updates(),
        )
        self._group.node.add_dependency(role)
        self.turn_back("Failing", "A new version fails.", _of(live, "Errors", "Sum"), above=0)
        self.turn_back(
            "Slow",
            "A new version is about to run out of time.",
            _of(live, "Duration", "p90"),
            above=SLOW_SHARE * timeout.to_milliseconds(),
        )

    def turn_back(self, id_: str, says: str, metric: cloudwatch.IMetric, *, above: float) -> None:
        """Give up a new version in whose first minutes a number is too high."""
        self._group.add_alarm(
            cloudwatch.Alarm(
                self,
                id_,
                alarm_description=f"{says} docs/runbook.md#new-version",
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                datapoints_to_alarm=BAD_MINUTES,
                evaluation_periods=WINDOW_MINUTES,
                metric=metric,
                threshold=above,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )


def faults(agent: str) -> cloudwatch.Metric:
    """The share of an agent's runs that failed through no fault of their callers."""
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=metrics.FAULTS.name,
        dimensions_map={"agent": agent, "service": metrics.SERVICE},
        period=MINUTE,
        statistic="Average",
    )


def _of(live: lambda_.Alias, name: str, statistic: str) -> cloudwatch.Metric:
    """A metric of the version that the alias is about to have."""
    function = live.lambda_.function_name
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map={
            "ExecutedVersion": live.version.version,
            "FunctionName": function,
            "Resource": f"{function}:{live.alias_name}",
        },
        period=MINUTE,
        statistic=statistic,
    )


def _shifting(stack: Stack, live: lambda_.Alias) -> Iterator[iam.PolicyStatement]:
    arn = live.lambda_.function_arn
    yield iam.PolicyStatement(
        actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
        resources=[arn, f"{arn}:{live.alias_name}"],
    )
    # AWS has no resource for asking how alarms are.
    yield iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"])
