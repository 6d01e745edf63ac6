"""Flags in AWS AppConfig: changed without a deploy of code, checked, and rolled out in steps."""

import json
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_iam as iam
from constructs import Construct

from functions.domain.names import JsonObject
from infra.flags import APPLICATION, AT_ONCE, ENVIRONMENT, PROFILE

STEP_PERCENT = 20
ROLLOUT_MINUTES = 10
BAKE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class FlagConfiguration:
    """The one configuration that functions read."""

    application: str
    environment: str
    profile: str
    arn: str

    def grant_read(self, role: iam.IGrantable) -> None:
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"],
            resource_arns=[self.arn],
        )


class FlagStore(Construct):
    """One application, environment and profile, and the version of the flags that is deployed."""

    def __init__(self, scope: Construct, id_: str, *, flags: JsonObject, schema: Path) -> None:
        super().__init__(scope, id_)
        application = appconfig.CfnApplication(self, "Application", name=APPLICATION)
        environment = appconfig.CfnEnvironment(
            self, "Environment", application_id=application.ref, name=ENVIRONMENT
        )
        profile = self._profile(application, schema)
        self._deploy(environment, profile, flags)
        self._at_once()
        self.configuration = FlagConfiguration(
            application=application.ref,
            environment=environment.ref,
            profile=profile.ref,
            arn=Stack.of(self).format_arn(
                service="appconfig",
                resource="application",
                resource_name=f"{application.ref}/environment/{environment.ref}"
                f"/configuration/{profile.ref}",
                arn_format=ArnFormat.SLASH_RESOURCE_NAME,
            ),
        )

    def _profile(
        self, application: appconfig.CfnApplication, schema: Path
    ) -> appconfig.CfnConfigurationProfile:
        written = json.loads(schema.read_text(encoding="utf-8"))
        return appconfig.CfnConfigurationProfile(
            self,
            "Profile",
            application_id=application.ref,
            location_uri="hosted",
            name=PROFILE,
            # AppConfig's own type for flags is another language than Powertools'.
            type="AWS.Freeform",
            validators=[
                appconfig.CfnConfigurationProfile.ValidatorsProperty(
                    type="JSON_SCHEMA", content=json.dumps(written, separators=(",", ":"))
                )
            ],
        )

    def _deploy(
        self,
        environment: appconfig.CfnEnvironment,
        profile: appconfig.CfnConfigurationProfile,
        flags: JsonObject,
    ) -> None:
        version = appconfig.CfnHostedConfigurationVersion(
            self,
            "Version",
            application_id=profile.application_id,
            configuration_profile_id=profile.ref,
            # Not sorted: rules apply in the order in which they are written.
            content=json.dumps(flags, indent=1),
            content_type="application/json",
            description="infra/flags.json",
        )
        strategy = appconfig.CfnDeploymentStrategy(
            self,
            "InSteps",
            name="agent-gatehouse-in-steps",
            deployment_duration_in_minutes=ROLLOUT_MINUTES,
            final_bake_time_in_minutes=BAKE_MINUTES,
            growth_factor=STEP_PERCENT,
            growth_type="LINEAR",
            replicate_to="NONE",
        )
        deployment = appconfig.CfnDeployment(
            self,
            "Deployment",
            application_id=profile.application_id,
            configuration_profile_id=profile.ref,
            configuration_version=version.ref,
            deployment_strategy_id=strategy.ref,
            environment_id=environment.ref,
        )
        # Earlier versions stay, so that a person can go back to one.
        for kept in (version, deployment):
            kept.apply_removal_policy(RemovalPolicy.RETAIN)

    def _at_once(self) -> None:
        """For kill switches: everywhere with the next look, and open to the next change."""
        appconfig.CfnDeploymentStrategy(
            self,
            "AtOnce",
            name=AT_ONCE,
            deployment_duration_in_minutes=0,
            final_bake_time_in_minutes=0,
            growth_factor=100,
            growth_type="LINEAR",
            replicate_to="NONE",
        )
