"""Every hour: closes the days that are over, so that they can be billed.

An operator may have days closed again, with {"from": "2026-11-01", "to": "2026-11-08"} (the second
is the day after the last): the same lines give the same files.
"""

from datetime import date
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from functions.bootstrap.exporter import exporter_parts
from functions.bootstrap.surroundings import begin, logger, now
from functions.bootstrap.tracing import traced
from functions.domain.ledger import Period
from functions.pipeline.closing import Closed

ENOUGH_MILLIS = 7 * 60 * 1000
"""Of the function's quarter of an hour, for a day to begin with; the next is due in an hour."""

SCHEDULED = "Scheduled Event"


class Asked(BaseModel):
    """What an operator asks."""

    model_config = ConfigDict(extra="forbid")
    first: date = Field(alias="from")
    end: date = Field(alias="to")


@traced("close days")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    begin(context)
    closing = exporter_parts()

    def enough() -> bool:
        return context.get_remaining_time_in_millis() > ENOUGH_MILLIS

    if event.get("detail-type") == SCHEDULED:
        closed = closing.close_due(now(), enough)
    else:
        closed = closing.close_again(read_days(event), now(), enough)
    return {"closed": [_told(one) for one in closed]}


def read_days(event: dict[str, Any]) -> Period:
    """The days that an operator names.

    Raises:
        ValueError: it cannot be understood; the message says how to write it.
    """
    try:
        asked = Asked.model_validate(event)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(entry["loc"][0]) for entry in error.errors()}))
        msg = f'name days such as {{"from": "2026-11-01", "to": "2026-11-08"}}; wrong: {wrong}'
        raise ValueError(msg) from None
    return Period(asked.first, asked.end)


def _told(one: Closed) -> str:
    cost = int(one.cost_micro_usd)
    logger().info("day closed", day=str(one.day), parts=one.rows, cost_micro_usd=cost)
    return str(one.day)
