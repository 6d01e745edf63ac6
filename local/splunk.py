"""Firehose's delivery to Splunk's HTTP Event Collector, as far as a receiver can see it.

    lines ─▶ POST /services/collector/raw ─▶ ackId ─▶ POST /services/collector/ack until indexed
                 └─ refused, down, or not indexed in time: again, until the time for it is over,
                    and then into the bucket under ``errors/splunk-failed/``

moto has no such destination. Every line is in the bucket anyway, so this reads them from there: a
file is a batch, and they are sent one after the other.
"""

import base64
import gzip
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

LINES = "lines/"
GZIP = b"\x1f\x8b"
FAILED = "errors/splunk-failed/"
CHANNEL = "X-Splunk-Request-Channel"
EVERY_SECONDS = 1.0


class NotIndexed(Exception):
    """Splunk has not said that it has the lines; ``code`` is Firehose's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read(s3: Any, bucket: str, key: str) -> bytes:
    """The lines of a file, which Firehose has compressed on AWS."""
    found: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return gzip.decompress(found) if found.startswith(GZIP) else found


@dataclass(frozen=True, slots=True)
class Collector:
    """An HTTP Event Collector with indexer acknowledgement."""

    client: httpx.Client
    """Its base URL is the endpoint."""
    token: str
    acknowledgement_seconds: float
    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def index(self, lines: bytes, channel: str) -> None:
        """Send lines and wait until they are indexed.

        Raises:
            NotIndexed: they may be, but Splunk did not say so.
        """
        told = self._post("/services/collector/raw", lines, channel)
        if "ackId" not in told:
            msg = "no ackId: is indexer acknowledgement on for this token?"
            raise NotIndexed("Splunk.AckParsingError", msg)
        wanted, ends_at = told["ackId"], self.now() + self.acknowledgement_seconds
        ask = json.dumps({"acks": [wanted]}).encode()
        while not self._post("/services/collector/ack", ask, channel)["acks"].get(str(wanted)):
            if self.now() >= ends_at:
                msg = f"not indexed within {self.acknowledgement_seconds:g} seconds"
                raise NotIndexed("Splunk.AckTimeout", msg)
            self.pause(EVERY_SECONDS)

    def _post(self, path: str, body: bytes, channel: str) -> dict[str, Any]:
        headers = {"Authorization": f"Splunk {self.token}", CHANNEL: channel}
        try:
            answered = self.client.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotIndexed("Splunk.ConnectionClosed", type(error).__name__) from error
        if answered.is_error:
            code = "Splunk.InvalidToken" if answered.status_code in {401, 403} else "Splunk.Error"
            raise NotIndexed(code, f"{path} answered {answered.status_code}")
        found: dict[str, Any] = answered.json()
        return found


@dataclass(frozen=True, slots=True)
class SplunkDelivery:
    """Sends the files of a bucket to a collector, one after the other."""

    s3: Any
    bucket: str
    collector: Collector
    retry_seconds: float
    prefix: str = LINES

    def deliver(self) -> tuple[int, int]:
        """How many files were indexed, and how many put aside."""
        channel = str(uuid.uuid4())
        batches = (read(self.s3, self.bucket, key) for key in self._keys())
        indexed = [self._deliver(lines, channel) for lines in batches]
        return indexed.count(True), indexed.count(False)

    def _keys(self) -> list[str]:
        paginator = self.s3.get_paginator("list_objects_v2")
        pages = paginator.paginate(Bucket=self.bucket, Prefix=self.prefix)
        return sorted(each["Key"] for page in pages for each in page.get("Contents", ()))

    def _deliver(self, lines: bytes, channel: str) -> bool:
        ends_at, attempts = self.collector.now() + self.retry_seconds, 0
        while True:
            attempts += 1
            try:
                self.collector.index(lines, channel)
            except NotIndexed as error:
                if self.collector.now() >= ends_at:
                    self._give_up(lines, attempts, error)
                    return False
                self.collector.pause(EVERY_SECONDS)
            else:
                return True

    def _give_up(self, lines: bytes, attempts: int, error: NotIndexed) -> None:
        at = datetime.now(UTC)
        failed = [
            {
                "attemptsMade": attempts,
                "errorCode": error.code,
                "errorMessage": str(error),
                "attemptEndingTimestamp": int(at.timestamp() * 1000),
                "rawData": base64.b64encode(line).decode(),
            }
            for line in lines.splitlines(keepends=True)
        ]
        self.s3.put_object(
            Bucket=self.bucket,
            Key=f"{FAILED}{at:%Y/%m/%d/%H}/{uuid.uuid4()}",
            Body="".join(f"{json.dumps(each)}\n" for each in failed).encode(),
        )
