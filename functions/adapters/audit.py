"""The audit trail on Amazon Data Firehose, with a second way for lines that it does not take.

    Firehose ──▶ the bucket, and Splunk where the zone wants it
       └─ throttled, down, or in part ──▶ an object of its own in the same bucket
                                              └─ that too ──▶ the log at ERROR, and an alarm

A line that went the second way is as good as any other, but for Splunk, which does not have it. In
the log it lacks its subject and its event's id, for a log is no place for what may be a name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.adapters.emf import EmfLines
from functions.domain.audit import AuditLine
from functions.domain.metrics import AUDIT_DEFERRED, AUDIT_LOST, SERVICE, Metric

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_firehose.type_defs import RecordTypeDef
    from mypy_boto3_s3 import S3Client

DEFERRED = "deferred"
"""Where lines are that Firehose did not take."""
WHAT = "The audit trail"


@dataclass(frozen=True, slots=True)
class FirehoseTrail:
    """Implements :class:`functions.pipeline.ports.AuditTrail`."""

    stream: str
    bucket: str
    firehose: "FirehoseClient"
    objects: "Callable[[], S3Client]"
    """Built when it is first needed: hardly any line needs it."""
    logger: Logger

    def write(self, lines: Sequence[AuditLine]) -> None:
        left = self._handed_over(lines)
        # It was only too busy for the rest. If it took none, asking again keeps a caller waiting.
        if 0 < len(left) < len(lines):
            left = self._handed_over(left)
        if left:
            self._defer(left)

    def _handed_over(self, lines: Sequence[AuditLine]) -> Sequence[AuditLine]:
        """Hand lines to Firehose; those that it did not take."""
        records: list[RecordTypeDef] = [{"Data": f"{line.written()}\n".encode()} for line in lines]
        try:
            told = self.firehose.put_record_batch(DeliveryStreamName=self.stream, Records=records)
        except (ClientError, BotoCoreError):
            return lines
        if not told["FailedPutCount"]:
            return ()
        each = zip(lines, told["RequestResponses"], strict=True)
        return [line for line, response in each if "ErrorCode" in response]

    def _defer(self, lines: Sequence[AuditLine]) -> None:
        first = lines[0]
        text = "".join(f"{line.written()}\n" for line in lines)
        try:
            self.objects().put_object(
                Bucket=self.bucket,
                Key=f"{DEFERRED}/{first.time:%Y/%m/%d/%H}/{first.id}.json",
                Body=text.encode(),
                ContentType="application/x-ndjson",
            )
        except (ClientError, BotoCoreError) as error:
            self._lose(lines)
            raise store_error(error, WHAT) from error
        self._count(AUDIT_DEFERRED, lines)

    def _lose(self, lines: Sequence[AuditLine]) -> None:
        """What is left of a line is in the log, where somebody must take it from."""
        for line in lines:
            who = line.who.model_copy(update={"subject": "?"})
            unnamed = line.model_copy(update={"who": who, "event": None})
            self.logger.error("audit line lost", line=unnamed.written())
        self._count(AUDIT_LOST, lines)

    def _count(self, metric: Metric, lines: Sequence[AuditLine]) -> None:
        with EmfLines(SERVICE) as told:
            told.add({metric: len(lines)})
