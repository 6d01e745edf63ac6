"""Who is told when an alarm goes off: whom it wakes, and who finds a ticket in the morning."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.domain.names import RegionName

Severity = Literal["page", "ticket"]
"""A page wakes somebody now; a ticket is for the next working day."""
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
TopicArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$"),
]


class Recipients(BaseModel):
    """Who is told of alarms of one severity."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    addresses: frozenset[Address] = frozenset()
    """Each confirms its subscription by a link that AWS sends."""
    topics: dict[RegionName, TopicArn] = Field(default_factory=dict)
    """By region, a topic of your own that takes the place of ours."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if self.addresses and self.topics:
            msg = "name addresses or topics, not both: subscribe addresses to a topic of your own"
            raise ValueError(msg)
        for region, arn in self.topics.items():
            if arn.split(":")[3] != region:
                msg = f"topics.{region}: {arn} is a topic of another region"
                raise ValueError(msg)
        return self


class Alerts(BaseModel):
    """Who is told of a zone's alarms, as ``infra/zones.toml`` says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    page: Recipients = Recipients()
    ticket: Recipients = Recipients()
    agent_dashboards: bool = True
    """Whether each agent has a dashboard of its own in CloudWatch, which charges for each."""

    def of(self, severity: Severity) -> Recipients:
        return self.page if severity == "page" else self.ticket

    def check(self, regions: tuple[str, ...]) -> None:
        """Refuse topics for some of a zone's regions.

        Raises:
            ValueError: a region has none.
        """
        for severity, who in (("page", self.page), ("ticket", self.ticket)):
            if who.topics and set(who.topics) != set(regions):
                wanted = ", ".join(sorted(regions))
                msg = f"alerts.{severity}.topics: name one for each region of the zone ({wanted})"
                raise ValueError(msg)
