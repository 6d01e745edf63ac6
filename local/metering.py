"""Publishes what the model's endpoint counted, as Amazon Bedrock publishes it to CloudWatch.

A thread of its own asks for the sums every second and puts them into moto, a few metrics in one
call; no run waits for it. What cannot be published now is published with the next sums.
"""

import json
import urllib.request
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from local.aws import Aws
from local.logs import Write

EVERY_SECONDS = 1.0
MOST_METRICS = 500
"""In one call; CloudWatch takes a thousand."""
NAMESPACE = "AWS/Bedrock"


class Metering:
    """Takes from the model's endpoint and gives to the endpoint that plays AWS."""

    def __init__(self, model_url: str, aws: Aws, write: Write) -> None:
        self._url = f"{model_url}/_metering/take"
        self._cloudwatch = aws.client("cloudwatch")
        self._write = write
        self._waiting: list[dict[str, Any]] = []
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self) -> None:
        self._thread.join()

    def publish(self) -> None:
        """Everything that was counted until now."""
        self._waiting += [_datum(each, datetime.now(UTC)) for each in self._take()]
        while self._waiting:
            self._cloudwatch.put_metric_data(
                Namespace=NAMESPACE, MetricData=self._waiting[:MOST_METRICS]
            )
            del self._waiting[:MOST_METRICS]

    def _run(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        while not self._stopped.wait(EVERY_SECONDS):
            try:
                self.publish()
            except (OSError, BotoCoreError, ClientError) as error:
                if not self._stopped.is_set():
                    self._write(f"Bedrock's metrics wait to be published: {type(error).__name__}")

    def _take(self) -> list[dict[str, Any]]:
        asked = urllib.request.Request(self._url, method="POST")  # noqa: S310, our own http URL
        with urllib.request.urlopen(asked, timeout=5) as response:  # noqa: S310, as above
            found: list[dict[str, Any]] = json.load(response)["metrics"]
        return found


def _datum(counted: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "MetricName": counted["metric"],
        "Dimensions": [{"Name": "ModelId", "Value": counted["model"]}],
        "Timestamp": at,
        "Value": counted["sum"],
        "Unit": "Count",
    }
