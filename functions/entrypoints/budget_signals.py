"""What the guard of budgets is told, in the three ways in which it is told, as one kind of word.

Messages come in SNS's envelope, which names their topic. Only the two topics of this region are
believed, and each only about what is said there: events on the one, alarms on the other.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from functions.domain.bill import budget_name
from functions.domain.budget import THRESHOLDS, Threshold, period
from functions.domain.errors import AccessDenied, MalformedRequest
from functions.domain.event import THRESHOLD_REACHED
from functions.domain.metrics import BUDGET_FORECAST, BUDGET_USED, NAMESPACE
from functions.domain.restriction import Reached
from functions.domain.team import Team
from functions.entrypoints.messages import read_event

BILL_LINE = re.compile(
    r"^(Budget Name|Alert Type|Budgeted Amount|ACTUAL Amount): *(.+?) *$", re.MULTILINE
)
MONEY = re.compile(r"^\$([0-9][0-9,]*(?:\.[0-9]+)?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """Whose word is taken: the topics of this region, and where it is."""

    events: str
    alarms: str
    zone: str
    region: str


Kind = TypeVar("Kind", bound=BaseModel)


class Envelope(BaseModel):
    """What SNS puts around a message."""

    model_config = ConfigDict(frozen=True)
    type: Literal["Notification"] = Field(alias="Type")
    topic: str = Field(alias="TopicArn")
    message: str = Field(alias="Message")
    at: AwareDatetime = Field(alias="Timestamp")


class Told(BaseModel):
    """The data of ``budget.threshold_reached``."""

    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    scope: str = Field(min_length=1, max_length=128)
    threshold_percent: Threshold


class Dimension(BaseModel):
    name: str
    value: str


class Trigger(BaseModel):
    """What an alarm watches."""

    namespace: str = Field(alias="Namespace")
    metric: str = Field(alias="MetricName")
    threshold: float = Field(alias="Threshold", ge=0, le=1000)
    dimensions: list[Dimension] = Field(alias="Dimensions")

    @property
    def team(self) -> str | None:
        return next((each.value for each in self.dimensions if each.name == "team"), None)


class Alarm(BaseModel):
    """A CloudWatch alarm that has changed its state."""

    state: Literal["ALARM", "OK", "INSUFFICIENT_DATA"] = Field(alias="NewStateValue")
    trigger: Trigger = Field(alias="Trigger")


def read(body: str, senders: Senders, teams: tuple[Team, ...]) -> tuple[Reached, ...]:
    """The limits of which a message says that so much of them is gone; of a forecast, none.

    Raises:
        AccessDenied: it comes from elsewhere.
        MalformedRequest: it is nothing that this topic tells.
    """
    envelope = _read(Envelope, body, "no notification of SNS")
    if envelope.topic == senders.events:
        return (_threshold(envelope.message, senders.zone),)
    if envelope.topic != senders.alarms:
        msg = "The message comes from a topic whose word is not taken here."
        raise AccessDenied(msg)
    if envelope.message.lstrip().startswith("{"):
        return _alarm(_read(Alarm, envelope.message, "no alarm on a budget"), envelope.at)
    return _bill(envelope.message, senders.region, teams, envelope.at)


def _threshold(message: str, zone: str) -> Reached:
    event = read_event(message)
    if event.type != THRESHOLD_REACHED or event.source != f"/gatehouse/{zone}/budgets":
        msg = f"The guard heeds {THRESHOLD_REACHED} of its own zone's budgets and nothing else."
        raise MalformedRequest(msg)
    try:
        told = Told.model_validate(event.data)
    except ValidationError as error:
        raise _malformed(error, "no threshold of a budget") from None
    return Reached(
        team=event.team,
        period=told.period,
        scope=told.scope,
        percent=told.threshold_percent,
        teller="ledger",
    )


def _alarm(alarm: Alarm, at: datetime) -> tuple[Reached, ...]:
    trigger = alarm.trigger
    known = {BUDGET_USED.name, BUDGET_FORECAST.name}
    if trigger.namespace != NAMESPACE or trigger.metric not in known or trigger.team is None:
        msg = "The alarm watches no team's budget."
        raise MalformedRequest(msg)
    # A forecast may be wrong: people are told of it, and nobody is restricted for it.
    if alarm.state != "ALARM" or trigger.metric == BUDGET_FORECAST.name:
        return ()
    percent = int(trigger.threshold)
    return (Reached(team=trigger.team, period=period(at), percent=percent, teller="alarm"),)


def _bill(message: str, region: str, teams: tuple[Team, ...], at: datetime) -> tuple[Reached, ...]:
    """AWS Budgets writes to people: a few of its lines say all that matters."""
    said: dict[str, str] = dict(BILL_LINE.findall(message))
    if said.get("Alert Type") == "FORECASTED":
        return ()
    unit = (
        [team for team in teams if budget_name(region, team.business_unit) == said["Budget Name"]]
        if "Budget Name" in said
        else []
    )
    budgeted, actual = (_usd(said.get(name, "")) for name in ("Budgeted Amount", "ACTUAL Amount"))
    if said.get("Alert Type") != "ACTUAL" or not unit or not budgeted or actual is None:
        msg = "The message is no notification of a budget of this region's business units."
        raise MalformedRequest(msg)
    percent = max((t for t in THRESHOLDS if actual * 100 >= budgeted * t), default=0)
    return tuple(
        Reached(team=team.name, period=period(at), percent=percent, teller="bill") for team in unit
    )


def _usd(text: str) -> Decimal | None:
    found = MONEY.match(text)
    return Decimal(found[1].replace(",", "")) if found else None


def _read(kind: type[Kind], text: str, what: str) -> Kind:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise _malformed(error, what) from None


def _malformed(error: ValidationError, what: str) -> MalformedRequest:
    wrong = error.errors(include_url=False, include_input=False, include_context=False)
    fields = ", ".join(sorted({str(each["loc"][0]) for each in wrong if each["loc"]}))
    return MalformedRequest(f"The message is {what}: {fields or 'it is no JSON object'}.")
