"""Result events on SNS, from where they fan out to whoever consumes their type."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters.aws_errors import store_error
from functions.domain.event import Event
from functions.pipeline.accept import REQUESTED
from functions.pipeline.span_ports import Spans

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class SnsPublisher:
    """Implements :class:`functions.pipeline.ports.Publisher`."""

    def __init__(self, topic_arn: str, client: "Callable[[], SNSClient]", spans: Spans) -> None:
        self._topic_arn = topic_arn
        self._spans = spans
        self._client = client
        """Built when it is first needed: few functions publish on every call."""

    def publish(self, event: Event, *, callback: bool = False) -> Event:
        with self._spans.span(f"send {event.type}", event.trace, kind="producer") as span:
            context = span.context
            trace = {"traceparent": context.traceparent, "tracestate": context.tracestate}
            sent = event.model_copy(update=trace)
            named = {"gatehouse.team": event.team, "gatehouse.run": event.runid}
            message_id = self._publish(sent, about(event, callback=callback))
            span.note({**self._messaging(), **named, "messaging.message.id": message_id})
            return sent

    def _messaging(self) -> dict[str, str]:
        return {
            "messaging.system": "aws.sns",
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": self._topic_arn.rpartition(":")[2],
        }

    def _publish(self, event: Event, attributes: dict[str, str]) -> str:
        try:
            reply = self._client().publish(
                TopicArn=self._topic_arn,
                Message=event.model_dump_json(exclude_none=True),
                # Queues take turns between groups: one team's backlog delays no other team.
                MessageGroupId=event.team,
                # Subscriptions filter on attributes: a body is parsed by its consumer alone.
                MessageAttributes={name: _text(value) for name, value in attributes.items()},
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, "The event topic") from error
        return reply["MessageId"]


def about(event: Event, *, callback: bool = False) -> dict[str, str]:
    """What a subscription may filter on: type, team, the agent meant, and a wish to be sent on."""
    agent = event.data.get("agent")
    named = {"agent": agent} if event.type == REQUESTED and isinstance(agent, str) else {}
    wanted = {"callback": "yes"} if callback else {}
    return {"type": event.type, "team": event.team, **named, **wanted}


def _text(value: str) -> "MessageAttributeValueTypeDef":
    return {"DataType": "String", "StringValue": value}
