"""A Lambda function as the gatehouse runs it: traced, snapshotted, with rights of its own."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Annotations, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from functions.settings import Settings
from infra.constructs.function_alarms import FunctionAlarms
from infra.constructs.here import Here
from infra.constructs.region_keys import Keys
from infra.constructs.rollout import Rollout
from infra.constructs.span_access import span_access
from infra.stages import Stage

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64
LOG_RETENTION = logs.RetentionDays.THREE_MONTHS
MEMORY_MB = 1024
"""Lambda gives CPU by memory; with less, importing pydantic dominates a cold start."""


class PythonFunction(Construct):
    """One entrypoint from one bundle, under one role, behind the alias ``live``."""

    def __init__(  # noqa: PLR0913  # each is another for every function
        self,
        scope: Construct,
        id_: str,
        *,
        entrypoint: str,
        bundle: Path,
        layers: Sequence[lambda_.ILayerVersion],
        settings: Settings,
        timeout: Duration,
        keys: Keys,
        stage: Stage | None = None,
        somebody_waits: bool = True,
    ) -> None:
        """Make the function.

        A snapshot is paid for around the clock, so only what somebody waits for starts from one.

        Without a stage a new version takes over at once: what only the clock calls is called too
        seldom for a tenth of its calls to tell anything.
        """
        super().__init__(scope, id_)
        warm = stage.warm(entrypoint) if stage else None
        log_group = logs.LogGroup(
            self,
            "Logs",
            encryption_key=keys.services,
            retention=LOG_RETENTION,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # Our own role: the default one may write to every log group of the account.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(self.role)
        for statement in span_access(Stack.of(self), settings.traces):
            self.role.add_to_policy(statement)
        function = lambda_.Function(
            self,
            "Function",
            architecture=ARCHITECTURE,
            code=lambda_.Code.from_asset(str(bundle)),
            environment=settings.to_env(),
            # Of the snapshots too. Lambda has a grant for it, so the role needs no right to it.
            environment_encryption=keys.services,
            handler=f"functions.entrypoints.{entrypoint}.handler",
            layers=list(layers),
            log_group=log_group,
            memory_size=MEMORY_MB,
            role=self.role,
            runtime=RUNTIME,
            # Lambda takes no snapshot of what is always warm.
            snap_start=(
                lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if somebody_waits and not warm else None
            ),
            timeout=timeout,
        )
        self.name = function.function_name
        Here.of(self).functions[entrypoint] = self.name
        FunctionAlarms(
            self,
            "Alarms",
            entrypoint=entrypoint,
            function=self.name,
            timeout_seconds=timeout.to_seconds(),
        )
        # Snapshots exist for versions only, so callers go through an alias of the newest one.
        Annotations.of(function).acknowledge_warning("@aws-cdk/aws-lambda:snapStartRequirePublish")
        self.live = lambda_.Alias(
            self,
            "Live",
            alias_name="live",
            provisioned_concurrent_executions=warm,
            version=function.current_version,
        )
        self.rollout = (
            Rollout(self, "Rollout", live=self.live, timeout=timeout, how=stage.rollout)
            if stage and stage.rollout
            else None
        )


class PythonLayer(lambda_.LayerVersion):
    """A folder of third-party packages, for functions of the same stack.

    A layer's ARN changes with its content, and CloudFormation refuses to change an export that
    another stack imports. So every stack that needs a layer makes its own from the same asset.
    """

    def __init__(self, scope: Construct, id_: str, *, folder: Path) -> None:
        super().__init__(
            scope,
            id_,
            code=lambda_.Code.from_asset(str(folder)),
            compatible_architectures=[ARCHITECTURE],
            compatible_runtimes=[RUNTIME],
        )
