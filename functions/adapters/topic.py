"""Result events on SNS, from where they fan out to whoever consumes their type."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.event import Event

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class SnsPublisher:
    """Implements :class:`functions.pipeline.ports.Publisher`."""

    def __init__(self, topic_arn: str, client: "SNSClient") -> None:
        self._topic_arn = topic_arn
        self._client = client

    def publish(self, event: Event) -> None:
        try:
            self._client.publish(
                TopicArn=self._topic_arn,
                Message=event.model_dump_json(exclude_none=True),
                # Subscriptions filter on attributes: a body is parsed by its consumer alone.
                MessageAttributes={
                    "type": {"DataType": "String", "StringValue": event.type},
                    "team": {"DataType": "String", "StringValue": event.team},
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, "The event topic") from error
