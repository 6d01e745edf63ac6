"""Where lines come from: the files of the local stack, or the log groups of an AWS region."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cli.aws import explained
from cli.calls import CannotCall
from cli.log_lines.entry import Entry, Selection

POLL_SECONDS = 0.2
AWS_POLL_SECONDS = 2.0
PREFIX = "gatehouse-"
"""How the names of all log groups begin: with their stack's."""
UNLESS_SAID = timedelta(hours=1)
"""How far back a region's logs are read: CloudWatch looks through all of that time."""
MEASURES = '"CloudWatchMetrics"'
"""What a line of metrics has, so that others need not be parsed."""
LATE = timedelta(seconds=10)
"""CloudWatch may show a line so much later than a newer one."""


class NoLogs(CannotCall):
    """There is nothing to show; the message says why."""


class Source(Protocol):
    """Somewhere that lines can be read from."""

    def entries(self, selection: Selection) -> Iterator[Entry]:
        """Those that are there and wanted, in no order.

        Raises:
            NoLogs: no function has such a name.
        """
        ...

    def following(self, selection: Selection) -> Iterator[Entry]:
        """Those that come, for ever."""
        ...


@dataclass(frozen=True, slots=True)
class LogFiles:
    """The local stack's."""

    folder: Path
    pause: Callable[[float], None] = time.sleep

    def entries(self, selection: Selection) -> Iterator[Entry]:
        for file in self._files(selection):
            for line in _lines(file)[0]:
                yield from _wanted(selection, file.stem, line)

    def metrics(self, since: datetime) -> Iterator[Entry]:
        """The lines that CloudWatch would read metrics from."""
        for file in self._files(Selection()):
            for line in _lines(file)[0]:
                if MEASURES in line:
                    entry = _entry(file.stem, line)
                    if entry.is_metrics and entry.at >= since:
                        yield entry

    def following(self, selection: Selection) -> Iterator[Entry]:
        seen = {file: file.stat().st_size for file in self._files(selection)}
        while True:
            for file, position in seen.items():
                lines, seen[file] = _lines(file, position)
                for line in lines:
                    yield from _wanted(selection, file.stem, line)
            self.pause(POLL_SECONDS)

    def _files(self, selection: Selection) -> list[Path]:
        every = sorted(self.folder.glob("*.log"))
        found = [file for file in every if selection.takes_function(file.stem)]
        if not found:
            known = ", ".join(file.stem for file in every)
            raise _no_logs(selection, known or "none yet; start the stack with 'make run'")
        return found


@dataclass(frozen=True, slots=True)
class LogGroups:
    """A region's."""

    client: Any
    region: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    pause: Callable[[float], None] = time.sleep
    _seen: set[str] = field(default_factory=set)

    def entries(self, selection: Selection) -> Iterator[Entry]:
        since = selection.since or self.now() - UNLESS_SAID
        with explained("logs", self.region):
            for group in self._groups(selection):
                yield from self._read(group, selection, since)

    def following(self, selection: Selection) -> Iterator[Entry]:
        with explained("logs", self.region):
            groups, since = self._groups(selection), self.now()
            while True:
                self.pause(AWS_POLL_SECONDS)
                begun = self.now()
                for group in groups:
                    yield from self._read(group, selection, since - LATE)
                since = begun

    def _groups(self, selection: Selection) -> list[str]:
        pages = self.client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=PREFIX)
        every = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        found = [name for name in every if selection.takes_function(name)]
        if not found:
            known = ", ".join(every) or "none; is the gatehouse deployed there?"
            raise _no_logs(selection, known)
        return found

    def _read(self, group: str, selection: Selection, since: datetime) -> Iterator[Entry]:
        pattern = {"filterPattern": f'"{selection.by_id}"'} if selection.by_id else {}
        pages = self.client.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int(since.timestamp() * 1000), **pattern
        )
        for event in (event for page in pages for event in page["events"]):
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            entry = Entry.of(at, group.removeprefix(PREFIX), event["message"].rstrip("\n"))
            if event["eventId"] not in self._seen and selection.takes(entry):
                self._seen.add(event["eventId"])
                yield entry


def _lines(file: Path, start: int = 0) -> tuple[list[str], int]:
    """The lines from there on that are written to their end, and where the next one begins."""
    with file.open("rb") as opened:
        opened.seek(start)
        whole, newline, _ = opened.read().rpartition(b"\n")
    lines = whole.decode("utf-8", errors="replace").split("\n") if newline else []
    return lines, start + len(whole) + len(newline)


def _entry(function: str, line: str) -> Entry:
    when, _, text = line.partition(" ")
    return Entry.of(datetime.fromisoformat(when), function, text)


def _wanted(selection: Selection, function: str, line: str) -> Iterator[Entry]:
    entry = _entry(function, line)
    if selection.takes(entry):
        yield entry


def _no_logs(selection: Selection, known: str) -> NoLogs:
    return NoLogs(f"no log for {selection.function or 'any function'}; there are: {known}")
