"""Kill switches from a terminal: what they write, and how a region is told."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cli.calls import CannotCall
from cli.flags import switch
from cli.flags.stores import AppConfigFlags, FlagFile
from functions.adapters.switches import PowertoolsFlags
from functions.domain.names import JsonObject
from infra.flags import APPLICATION, AT_ONCE, ENVIRONMENT, PROFILE, problems

HALF = {
    "default": False,
    "rules": {
        "half": {
            "when_match": True,
            "conditions": [{"action": "KEY_LESS_THAN_VALUE", "key": "bucket", "value": 50}],
        }
    },
}


def value(flags: JsonObject, team: str) -> object:
    assert not list(problems(flags, ["echo"]))
    return PowertoolsFlags(flags).decide("agent.echo", {"team": team, "bucket": 1}).value


def test_an_agent_is_off_for_everybody_and_then_as_it_was_before() -> None:
    off = switch.off({"agent.echo": HALF}, "echo")

    assert value(off, "helpdesk") is False
    assert switch.state(off, "echo") == "off"
    assert switch.on(off, "echo") == {"agent.echo": HALF}


def test_an_agent_is_off_for_one_team_and_for_no_other() -> None:
    off = switch.off({"agent.echo": HALF}, "echo", "helpdesk")

    assert (value(off, "helpdesk"), value(off, "retail")) == (False, True)
    assert switch.state(off, "echo") == "off, off for helpdesk, unless: half"
    assert switch.on(off, "echo", "helpdesk") == {"agent.echo": HALF}


def test_an_agent_without_a_flag_gets_one() -> None:
    off = switch.off({}, "echo")

    assert value(off, "helpdesk") is False
    assert value(switch.on(off, "echo"), "helpdesk") is True
    assert switch.state({}, "echo") == switch.state(switch.on(off, "echo"), "echo") == "on"


def test_switching_twice_is_switching_once() -> None:
    once = switch.off({"agent.echo": HALF}, "echo")
    assert switch.off(once, "echo") == once


def test_the_local_file_is_read_and_replaced(tmp_path: Path) -> None:
    store = FlagFile(tmp_path / "flags.json")

    store.write({"agent.echo": HALF}, "why")
    assert store.read() == {"agent.echo": HALF}
    store.file.write_text("{")
    with pytest.raises(CannotCall, match=r"flags\.json"):
        store.read()


class Conflict(Exception):
    """Another deployment is under way."""


class FakeAppConfig:
    """AppConfig's control plane with one application; busy for a while after a stop."""

    class exceptions:  # noqa: N801  # boto3's own spelling
        ConflictException = Conflict

    def __init__(self, *states: str) -> None:
        self.versions: list[JsonObject] = [
            {f"v{n + 1}": {"default": True}} for n in range(len(states))
        ]
        self.deployments = [
            {"DeploymentNumber": n + 1, "ConfigurationVersion": str(n + 1), "State": state}
            for n, state in enumerate(states)
        ]
        self.stopped: list[int] = []
        self.started: list[dict[str, Any]] = []
        self.conflicts = 0
        self.lists: dict[str, list[dict[str, Any]]] = {
            "list_applications": [{"Id": "other", "Name": "x"}, {"Id": "app", "Name": APPLICATION}],
            "list_environments": [{"Id": "env", "Name": ENVIRONMENT}],
            "list_configuration_profiles": [{"Id": "pro", "Name": PROFILE}],
            "list_deployment_strategies": [{"Id": "now", "Name": AT_ONCE}],
            "list_deployments": self.deployments,
        }

    def get_paginator(self, operation: str) -> Any:
        lists = self.lists

        class Pages:
            def paginate(self, **given: str) -> list[dict[str, Any]]:
                return [{"Items": lists[operation]}]

        return Pages()

    def get_hosted_configuration_version(self, **given: Any) -> dict[str, Any]:
        text = json.dumps(self.versions[given["VersionNumber"] - 1])
        return {"Content": io.BytesIO(text.encode())}

    def create_hosted_configuration_version(self, **given: Any) -> dict[str, Any]:
        self.versions.append(json.loads(given["Content"]))
        return {"VersionNumber": len(self.versions)}

    def stop_deployment(self, **given: Any) -> None:
        self.stopped.append(given["DeploymentNumber"])
        self.conflicts = 2

    def start_deployment(self, **given: Any) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict
        self.started.append(given)


def region(fake: FakeAppConfig, waits: list[float] | None = None) -> AppConfigFlags:
    return AppConfigFlags(fake, "eu-central-1", (waits if waits is not None else []).append)


def test_a_region_s_flags_are_those_that_were_rolled_out_to_the_end() -> None:
    assert region(FakeAppConfig("COMPLETE", "COMPLETE", "ROLLED_BACK")).read().keys() == {"v2"}
    assert region(FakeAppConfig("DEPLOYING")).read().keys() == {"v1"}


def test_a_change_is_deployed_at_once_as_a_new_version() -> None:
    fake = FakeAppConfig("COMPLETE")

    region(fake).write({"agent.echo": HALF}, "why")

    (started,) = fake.started
    assert fake.versions[int(started["ConfigurationVersion"]) - 1] == {"agent.echo": HALF}
    assert (started["ApplicationId"], started["EnvironmentId"]) == ("app", "env")
    assert (started["DeploymentStrategyId"], started["Description"]) == ("now", "why")


def test_a_kill_does_not_wait_for_a_rollout_that_is_under_way() -> None:
    fake, waits = FakeAppConfig("COMPLETE", "DEPLOYING"), list[float]()

    region(fake, waits).write({}, "why")

    assert fake.stopped == [2]
    assert len(waits) == 2  # until it has gone back
    assert len(fake.started) == 1


def test_a_region_without_the_gatehouse_is_named() -> None:
    fake = FakeAppConfig("COMPLETE")
    fake.lists["list_applications"] = []
    with pytest.raises(CannotCall, match="eu-central-1 has no flags"):
        region(fake).read()
