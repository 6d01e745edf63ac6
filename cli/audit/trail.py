"""The audit trail as it lies in its bucket: files of lines by the hour in which they arrived."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cli.estate import Estate
from functions.domain.audit import AuditLine
from functions.domain.names import JsonObject
from local.splunk import read

WAYS = ("lines/", "deferred/")
"""By Firehose, or past it when it did not take a line."""
SKEW = timedelta(minutes=1)
"""Clocks differ."""
LATEST = timedelta(hours=25)
"""After its run, a line can arrive so much later: Firehose tries for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are asked for; what is not named does not matter."""

    since: datetime
    until: datetime
    run: str | None = None
    trace: str | None = None
    team: str | None = None
    subject: str | None = None
    agent: str | None = None
    decision: str | None = None

    def takes(self, line: JsonObject) -> bool:
        who = line["who"]
        asked = (
            (self.run, {line.get("run"), line.get("replay_of")}),
            (self.trace, {line.get("trace")}),
            (self.team, {who.get("team")}),
            (self.subject, {who["subject"]}),
            (self.agent, {line.get("agent")}),
            (self.decision, {line["decision"]}),
        )
        if not all(wanted is None or wanted in there for wanted, there in asked):
            return False
        return self.since <= datetime.fromisoformat(line["time"]) < self.until

    def days(self) -> Iterator[date]:
        """The days on which such lines may have arrived."""
        day, last = self.since.astimezone(UTC).date(), (self.until + LATEST).astimezone(UTC).date()
        while day <= last:
            yield day
            day += timedelta(days=1)


def lines(estate: Estate, wanted: Wanted) -> list[JsonObject]:
    """Each line once, in the order of time."""
    found: dict[str, JsonObject] = {}
    for line in _every(estate, wanted):
        if wanted.takes(line):
            found[line["id"]] = line
    return sorted(found.values(), key=lambda line: str(line["time"]))


def write(estate: Estate, line: AuditLine) -> None:
    """Add what an operator did."""
    estate.client("firehose").put_record(
        DeliveryStreamName=estate.stream(), Record={"Data": f"{line.written()}\n".encode()}
    )


def _every(estate: Estate, wanted: Wanted) -> Iterator[JsonObject]:
    s3, bucket = estate.client("s3"), estate.audit_bucket()
    for way in WAYS:
        for day in wanted.days():
            pages = s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=f"{way}{day:%Y/%m/%d/}"
            )
            for each in (each for page in pages for each in page.get("Contents", ())):
                # A file has no line that was made after it was written.
                if each["LastModified"] >= wanted.since - SKEW:
                    yield from map(json.loads, read(s3, bucket, each["Key"]).splitlines())
