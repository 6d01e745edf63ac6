"""Where flags are changed: a file of the local stack, or AWS AppConfig in a region."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cli.calls import CannotCall
from functions.domain import canonical
from functions.domain.names import JsonObject
from infra.flags import APPLICATION, AT_ONCE, ENVIRONMENT, PROFILE
from local import files

UNDER_WAY = frozenset({"BAKING", "DEPLOYING", "VALIDATING"})
TRIES = 15
PAUSE_SECONDS = 2.0
"""Between tries to deploy while a rollout that was stopped goes back."""


class FlagStore(Protocol):
    """Somewhere flags can be read and replaced."""

    @property
    def place(self) -> str: ...

    def read(self) -> JsonObject: ...

    def write(self, flags: JsonObject, why: str) -> None:
        """Replace the flags for everybody at once."""
        ...


@dataclass(frozen=True, slots=True)
class FlagFile:
    """The local stack's: its functions read this file."""

    file: Path
    place: str = "the local stack"

    def read(self) -> JsonObject:
        try:
            return canonical.read_object(self.file.read_bytes())
        except ValueError as error:
            msg = f"{self.file} holds no flags: {error}"
            raise CannotCall(msg) from None

    def write(self, flags: JsonObject, why: str) -> None:  # noqa: ARG002  # a file has no history
        files.write_private(self.file, json.dumps(flags, indent=2).encode())


@dataclass(frozen=True, slots=True)
class AppConfigFlags:
    """A region's, with the caller's own rights in AppConfig."""

    client: Any
    place: str
    pause: Callable[[float], None] = time.sleep
    _ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, region: str) -> "AppConfigFlags":
        import boto3

        return cls(boto3.session.Session(region_name=region).client("appconfig"), region)

    def read(self) -> JsonObject:
        """The flags that were last rolled out to the end, or else those of the first rollout."""
        with self._explained():
            deployments = self._deployments()
            done = [each for each in deployments if each["State"] == "COMPLETE"]
            newest = max(done or deployments, key=lambda each: int(each["DeploymentNumber"]))
            version = self.client.get_hosted_configuration_version(
                ApplicationId=self._application,
                ConfigurationProfileId=self._profile,
                VersionNumber=int(newest["ConfigurationVersion"]),
            )
            return canonical.read_object(version["Content"].read())

    def write(self, flags: JsonObject, why: str) -> None:
        """Deploy a new version at once; a rollout that is under way is stopped and goes back."""
        with self._explained():
            version = self.client.create_hosted_configuration_version(
                ApplicationId=self._application,
                ConfigurationProfileId=self._profile,
                Content=json.dumps(flags, indent=1).encode(),
                ContentType="application/json",
                Description=why,
            )
            self._stop_rollouts()
            self._start(str(version["VersionNumber"]), why)

    def _stop_rollouts(self) -> None:
        for each in self._deployments():
            if each["State"] in UNDER_WAY:
                self.client.stop_deployment(
                    ApplicationId=self._application,
                    EnvironmentId=self._environment,
                    DeploymentNumber=each["DeploymentNumber"],
                )

    def _start(self, version: str, why: str) -> None:
        strategy = self._id("list_deployment_strategies", AT_ONCE)
        for left in reversed(range(TRIES)):
            try:
                self.client.start_deployment(
                    ApplicationId=self._application,
                    EnvironmentId=self._environment,
                    DeploymentStrategyId=strategy,
                    ConfigurationProfileId=self._profile,
                    ConfigurationVersion=version,
                    Description=why,
                )
            except self.client.exceptions.ConflictException:
                if not left:
                    raise
                self.pause(PAUSE_SECONDS)
            else:
                return

    def _deployments(self) -> list[Any]:
        pages = self.client.get_paginator("list_deployments").paginate(
            ApplicationId=self._application, EnvironmentId=self._environment
        )
        return [each for page in pages for each in page["Items"]]

    @property
    def _application(self) -> str:
        return self._id("list_applications", APPLICATION)

    @property
    def _environment(self) -> str:
        return self._id("list_environments", ENVIRONMENT, ApplicationId=self._application)

    @property
    def _profile(self) -> str:
        of = self._application
        return self._id("list_configuration_profiles", PROFILE, ApplicationId=of)

    def _id(self, operation: str, name: str, **given: str) -> str:
        if operation not in self._ids:
            pages = self.client.get_paginator(operation).paginate(**given)
            found = [each["Id"] for page in pages for each in page["Items"] if each["Name"] == name]
            if not found:
                msg = f"{self.place} has no flags: is the gatehouse deployed there?"
                raise CannotCall(msg)
            self._ids[operation] = found[0]
        return self._ids[operation]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            told = error.response["Error"]
            msg = f"AppConfig in {self.place} refused it: {told['Code']}: {told.get('Message', '')}"
            raise CannotCall(msg) from None
        except BotoCoreError as error:
            msg = f"AppConfig in {self.place} cannot be reached: {error}"
            raise CannotCall(msg) from None
