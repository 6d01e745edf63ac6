"""FOCUS files on S3, in folders that query engines take for partitions."""

from datetime import date
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WHAT = "The bucket of exports"


class S3Exports:
    """Implements :class:`functions.pipeline.ledger_ports.Exports`."""

    def __init__(self, bucket: str, client: "S3Client", *, zone: str, region: str) -> None:
        self._bucket = bucket
        self._client = client
        self._folder = f"focus/zone={zone}/region={region}"

    def put(self, day: date, file: bytes) -> None:
        key = f"{self._folder}/billing_period={day:%Y-%m}/{day}.csv.gz"
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=file, ContentType="application/gzip"
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error
