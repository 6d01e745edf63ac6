"""Flags from AppConfig by way of Powertools: what is asked of it, how often, and when it fails."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.feature_flags.exceptions import SchemaValidationError
from botocore.config import Config

from functions.adapters.switches import AppConfigSwitches, Configuration, PowertoolsFlags
from functions.domain.flags import Decision
from functions.domain.names import JsonObject
from infra.blueprint import ROOT
from local.appconfig import AppConfigServer, Deployed
from tests.fakes import NOW

ON: JsonObject = {"agent.echo": {"default": True}}
OFF: JsonObject = {"agent.echo": {"default": False}}
NAMED = Configuration("app", "live", "flags")
OFFLINE = "http://127.0.0.1:1"


@dataclass
class AppConfig:
    """A configuration that is served to the switches under test, and their clock."""

    file: Path
    url: str
    now: datetime = NOW
    calls: list[str] = field(default_factory=list)

    def write(self, written: object) -> None:
        self.file.write_text(json.dumps(written), encoding="utf-8")

    def wait(self, **time: int) -> None:
        self.now += timedelta(**time)

    def connect(self) -> Any:
        client = boto3.client(
            "appconfigdata",
            endpoint_url=self.url,
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register("before-send", self._note)
        return client

    def switches(self, configuration: Configuration = NAMED) -> AppConfigSwitches:
        return AppConfigSwitches(configuration, self.connect, lambda: self.now, Logger("test"))

    def _note(self, event_name: str, **_: object) -> None:
        self.calls.append(event_name.rpartition(".")[2])


@pytest.fixture
def appconfig(tmp_path: Path) -> Iterator[AppConfig]:
    deployed = Deployed(("app", "live", "flags"), "flags", json.dumps(ON))
    server = AppConfigServer(tmp_path, [deployed])
    yield AppConfig(tmp_path / "flags.json", server.url)
    server.stop()


def echo(switches: AppConfigSwitches) -> bool | None:
    flags = switches.flags()
    return None if flags is None else flags.decide("agent.echo", {}).value


def test_building_the_switches_asks_nobody_so_it_may_be_part_of_a_snapshot(
    appconfig: AppConfig,
) -> None:
    appconfig.switches()
    assert appconfig.calls == []


def test_flags_are_read_once_for_half_a_minute_of_runs(appconfig: AppConfig) -> None:
    switches = appconfig.switches()

    assert [echo(switches) for _ in range(100)] == [True] * 100
    appconfig.write(OFF)
    appconfig.wait(seconds=29)
    assert echo(switches) is True
    assert appconfig.calls == ["StartConfigurationSession", "GetLatestConfiguration"]


def test_a_change_holds_after_half_a_minute(appconfig: AppConfig) -> None:
    switches = appconfig.switches()
    echo(switches)

    appconfig.write(OFF)
    appconfig.wait(seconds=30)

    assert echo(switches) is False
    appconfig.wait(seconds=30)
    assert echo(switches) is False  # AppConfig says "nothing new" by an empty configuration
    assert appconfig.calls[2:] == ["GetLatestConfiguration"] * 2


def test_while_appconfig_is_away_the_last_flags_hold_and_no_run_waits_twice(
    appconfig: AppConfig,
) -> None:
    switches = appconfig.switches()
    appconfig.write(OFF)
    echo(switches)
    there, appconfig.url = appconfig.url, OFFLINE
    appconfig.wait(hours=2)
    appconfig.calls.clear()

    assert [echo(switches) for _ in range(10)] == [False] * 10
    assert appconfig.calls == ["StartConfigurationSession"]

    appconfig.url = there
    appconfig.wait(seconds=30)
    echo(switches)  # its client is still that of the outage
    appconfig.write(ON)
    appconfig.wait(seconds=30)
    assert echo(switches) is True


def test_while_nothing_is_known_it_is_asked_again_after_five_seconds(appconfig: AppConfig) -> None:
    there, appconfig.url = appconfig.url, OFFLINE
    switches = appconfig.switches()
    appconfig.url = there

    assert switches.flags() is None
    appconfig.wait(seconds=4)
    assert switches.flags() is None
    appconfig.wait(seconds=1)
    assert echo(switches) is True


def test_an_environment_that_slept_begins_a_new_session(appconfig: AppConfig) -> None:
    switches = appconfig.switches()
    echo(switches)
    appconfig.write(OFF)
    appconfig.wait(hours=25)

    assert echo(switches) is False
    assert appconfig.calls[2:] == ["StartConfigurationSession", "GetLatestConfiguration"]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "no flags",
        {"a": {}},
        {"a": {"default": True, "rules": {"r": {}}}},
        {
            "a": {
                "default": True,
                "rules": {"r": {"when_match": True, "conditions": [{"action": []}]}},
            }
        },
    ],
)
def test_a_configuration_that_is_no_flags_changes_nothing(
    appconfig: AppConfig, broken: object
) -> None:
    switches = appconfig.switches()
    appconfig.write(OFF)
    echo(switches)

    appconfig.write(broken)
    appconfig.wait(seconds=30)

    assert echo(switches) is False


def test_a_configuration_of_another_name_is_not_found(appconfig: AppConfig) -> None:
    assert appconfig.switches(Configuration("app", "live", "other")).flags() is None


def test_no_flags_at_all_are_flags_too(appconfig: AppConfig) -> None:
    appconfig.write({})
    flags = appconfig.switches().flags()
    assert flags is not None
    assert not flags.names


def test_the_first_rule_that_fits_gives_the_value_and_is_named() -> None:
    flags = PowertoolsFlags(
        {
            "size": {
                "boolean_type": False,
                "default": {"rows": 1},
                "rules": {
                    "zone": {
                        "when_match": {"rows": 2},
                        "conditions": [{"action": "EQUALS", "key": "zone", "value": "eu"}],
                    },
                    "any": {
                        "when_match": {"rows": 3},
                        "conditions": [
                            {
                                "action": "MODULO_RANGE",
                                "key": "bucket",
                                "value": {"BASE": 100, "START": 0, "END": 9},
                            }
                        ],
                    },
                },
            }
        }
    )
    assert flags.splits("size")
    assert flags.decide("size", {"zone": "eu", "bucket": 5}) == Decision(
        {"rows": 2}, "zone", "TARGETING_MATCH"
    )
    assert flags.decide("size", {"zone": "us", "bucket": 5}) == Decision(
        {"rows": 3}, "any", "SPLIT"
    )
    assert flags.decide("size", {"bucket": 10}) == Decision({"rows": 1}, "default", "DEFAULT")


def test_a_rule_cannot_be_nameless() -> None:
    rule = {"when_match": True, "conditions": [{"action": "EQUALS", "key": "a", "value": 1}]}
    with pytest.raises(SchemaValidationError):
        PowertoolsFlags({"a": {"default": False, "rules": {"": rule}}})


def test_the_flags_of_the_checkout_can_be_evaluated() -> None:
    written = json.loads((ROOT / "infra" / "flags.json").read_text(encoding="utf-8"))
    flags = PowertoolsFlags(written)
    for name in flags.names:
        assert flags.decide(name, {}).variant == "default"
