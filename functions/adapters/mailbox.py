"""An agent's queue and its dead-letter queue, as the one who works on the messages sees them.

A copy is sent before its original is deleted, so a crash in between doubles a message and never
loses one; runs are keyed on their event, so a doubled message is no doubled run.
"""

from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.message import DeadLetter, Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

WHAT = "The agent's queue"


class SqsMailbox:
    """Implements :class:`functions.pipeline.ports.Mailbox`."""

    def __init__(self, queue_url: str, dead_letters_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url
        self._client = client

    def retry(self, message: Message, seconds: int) -> None:
        try:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url,
                ReceiptHandle=message.receipt,
                VisibilityTimeout=seconds,
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def postpone(self, message: Message, seconds: int, due_millis: int) -> None:
        attributes = {"due": _text(str(due_millis))}
        self._send(self._queue_url, message, attributes, seconds)

    def bury(self, message: Message, letter: DeadLetter) -> None:
        attributes = {name: _text(value) for name, value in letter.attributes().items() if value}
        attributes["attempts"] = {"DataType": "Number", "StringValue": str(letter.attempts)}
        attributes["source_queue"] = _text(self._queue_url.rpartition("/")[2])
        self._send(self._dead_letters_url, message, attributes, 0)

    def _forget(self, message: Message) -> None:
        """Delete the original now, not when its batch ends: a crash in between would leave both.

        Lambda deletes it again at the end, which is no fault, and the only try if this one fails.
        """
        with suppress(ClientError, BotoCoreError):
            self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message.receipt)

    def _send(
        self,
        url: str,
        message: Message,
        attributes: "dict[str, MessageAttributeValueTypeDef]",
        seconds: int,
    ) -> None:
        """Send a copy in place of the message; SQS takes turns between the groups they name."""
        group = {"MessageGroupId": message.group} if message.group else {}
        try:
            self._client.send_message(
                QueueUrl=url,
                MessageBody=message.body,
                MessageAttributes=attributes,
                DelaySeconds=seconds,
                **group,  # type: ignore[arg-type]  # one optional text
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error
        self._forget(message)


def _text(value: str) -> "MessageAttributeValueTypeDef":
    return {"DataType": "String", "StringValue": value}
