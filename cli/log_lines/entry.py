"""One line of a function's log, and whether somebody asked for it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.domain.names import JsonObject

LEVELS = ("debug", "info", "warning", "error", "critical")
SHOWN_FIRST = frozenset({"level", "message", "timestamp", "service"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, when it was written and by which function."""

    at: datetime
    function: str
    text: str
    fields: JsonObject | None
    """Of a line that is a JSON object."""

    @classmethod
    def of(cls, at: datetime, function: str, text: str) -> "Entry":
        return cls(at, function, text, _json_object(text))

    @property
    def is_metrics(self) -> bool:
        return self.fields is not None and "_aws" in self.fields

    def readable(self) -> str:
        """As one short line."""
        when = f"{self.at.astimezone(UTC):%H:%M:%S}.{self.at.microsecond // 1000:03d}"
        if self.fields is None or self.is_metrics:
            return f"{when} {self.text}"
        told = {name: v for name, v in self.fields.items() if name not in SHOWN_FIRST}
        rest = " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
        level, message = self.fields.get("level", ""), self.fields.get("message", "")
        return f"{when} {level:7} {message} {rest}"

    def as_data(self) -> JsonObject:
        said = {"text": self.text} if self.fields is None else self.fields
        return {"at": self.at.isoformat(), "function": self.function} | said


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which lines are wanted; what is None is not asked about."""

    function: str | None = None
    """A part of a function's name."""
    run: str | None = None
    trace: str | None = None
    level: str | None = None
    """Lines of this level and of worse ones."""
    since: datetime | None = None

    @property
    def by_id(self) -> str | None:
        """What must stand in every line that is wanted."""
        return self.run or self.trace

    def takes(self, entry: Entry) -> bool:
        if entry.is_metrics or (self.since and entry.at < self.since):
            return False
        fields = entry.fields or {}
        wanted = {"run": self.run, "trace_id": self.trace}
        if any(value and fields.get(name) != value for name, value in wanted.items()):
            return False
        return self.level is None or _rank(fields.get("level")) >= _rank(self.level)

    def takes_function(self, name: str) -> bool:
        return not self.function or plain(self.function) in plain(name)


def plain(name: str) -> str:
    """Agents are named in snake case, stacks with dashes, functions in camel case."""
    return "".join(filter(str.isalnum, name.lower()))


def _rank(level: Any) -> int:
    """How bad it is; what has no level, such as Lambda's own lines, is less than all that have."""
    name = str(level).lower()
    return LEVELS.index(name) if name in LEVELS else -1


def _json_object(text: str) -> JsonObject | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
