"""Flags from AWS AppConfig, evaluated by Powertools.

A configuration is read at most every half a minute and kept for as long as AppConfig cannot be
reached or holds something that is no flags: neither may stop a run or slow each one down.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.feature_flags import (
    AppConfigStore,
    FeatureFlags,
    SchemaValidator,
    StoreProvider,
)

from functions.domain.flags import BUCKET, Decision
from functions.domain.names import JsonObject
from functions.pipeline.ports import Flags

FRESH = timedelta(seconds=30)
AGAIN = timedelta(seconds=5)
"""When to look again while nothing is known at all."""
SESSION = timedelta(hours=1)
"""AppConfig forgets a session that was not used for a day, and Powertools would go on using it:
an environment that slept for long, or was restored from a snapshot, begins a new one."""
NO_RULE = ""
"""Powertools lets no rule have this name."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which configuration of AppConfig holds the flags, by ids or names."""

    application: str
    environment: str
    profile: str


class AppConfigSwitches:
    """Implements :class:`functions.pipeline.ports.Switches`."""

    def __init__(
        self,
        configuration: Configuration,
        connect: Callable[[], Any],
        now: Callable[[], datetime],
        logger: Logger,
    ) -> None:
        self._configuration = configuration
        self._connect = connect
        self._now = now
        self._logger = logger
        self._looked_at: datetime | None = None
        self._known: Flags | None = None
        self._store = self._open()

    def flags(self) -> Flags | None:
        now = self._now()
        if self._looked_at is None or now - self._looked_at >= (FRESH if self._known else AGAIN):
            if self._looked_at and now - self._looked_at >= SESSION:
                self._store = self._open()
            self._looked_at = now
            self._look()
        return self._known

    def _look(self) -> None:
        try:
            self._known = PowertoolsFlags(self._store.get_raw_configuration)
        except Exception as error:  # noqa: BLE001  # whatever is written there, runs go on
            self._logger.warning("the flags cannot be read", error=type(error).__name__)
            self._store = self._open()  # the session may be what is wrong

    def _open(self) -> AppConfigStore:
        """A session that begins with its first use.

        It has a client of its own: each store adds to the headers of the client that it is given.
        """
        return AppConfigStore(
            application=self._configuration.application,
            environment=self._configuration.environment,
            name=self._configuration.profile,
            max_age=0,  # how long is decided here, where the time is an argument
            boto3_client=self._connect(),
        )


class PowertoolsFlags:
    """Implements :class:`functions.pipeline.ports.Flags` on one configuration.

    Powertools says which value a flag has, and not which rule gave it. So it evaluates a copy in
    which the value of each rule is the rule's own name.
    """

    def __init__(self, written: JsonObject) -> None:
        """Take a configuration as it is written.

        Raises:
            SchemaValidationError: it holds something that is no flag.
        """
        if written != {}:
            SchemaValidator(written).validate()
        self._written = written
        self._rules = FeatureFlags(store=_Named(written))

    @property
    def names(self) -> Collection[str]:
        return self._written.keys()

    def splits(self, flag: str) -> bool:
        return any(_splits(rule) for rule in self._rules_of(flag).values())

    def decide(self, flag: str, context: JsonObject) -> Decision:
        rules = self._rules_of(flag)
        name = str(self._rules.evaluate(name=flag, context=context, default=NO_RULE))
        if name == NO_RULE:
            value = self._written[flag]["default"]
            return Decision(value, "default", "DEFAULT" if rules else "STATIC")
        rule = rules[name]
        return Decision(rule["when_match"], name, "SPLIT" if _splits(rule) else "TARGETING_MATCH")

    def _rules_of(self, flag: str) -> dict[str, JsonObject]:
        return self._written[flag].get("rules") or {}


class _Named(StoreProvider):
    """The configuration with every rule's name in the place of its value."""

    def __init__(self, written: JsonObject) -> None:
        self._flags = {name: _named(flag) for name, flag in written.items()}

    @property
    def get_raw_configuration(self) -> dict[str, Any]:
        return self._flags

    def get_configuration(self) -> dict[str, Any]:
        return self._flags


def _named(flag: JsonObject) -> JsonObject:
    rules = (flag.get("rules") or {}).items()
    named = {name: {**rule, "when_match": name} for name, rule in rules}
    return {"boolean_type": False, "default": NO_RULE, **({"rules": named} if named else {})}


def _splits(rule: JsonObject) -> bool:
    return any(condition["key"] == BUCKET for condition in rule["conditions"])
