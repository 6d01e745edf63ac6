"""What ticket summary takes and gives: the data of ticket.opened and of ticket.summarised."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from functions.domain.agent import NOT_PERSONAL
from functions.domain.moment import Moment

TicketId = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", min_length=1, max_length=64),
    NOT_PERSONAL,
]
Role = Literal["customer", "agent"]
NextStep = Literal[
    "answer the question",
    "ask the customer for details",
    "wait for the customer",
    "refund the customer",
    "send a replacement",
    "pass to a specialist",
    "close the ticket",
]
MOST_MESSAGES = 200


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Closed):
    """One message of a thread."""

    role: Annotated[Role, Field(description="Who wrote it; agent is the support team.")]
    at: Annotated[Moment, Field(description="When, with its offset from UTC.")]
    text: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        Field(min_length=1, max_length=4000, description="The message, in any language."),
    ]


class Thread(_Closed):
    """A support ticket so far."""

    ticket_id: Annotated[TicketId, Field(description="The helpdesk's id of the ticket.")]
    subject: Annotated[str, Field(max_length=200, description="As the customer wrote it.")] = ""
    messages: Annotated[
        tuple[Message, ...],
        Field(min_length=1, max_length=MOST_MESSAGES, description="In any order."),
    ]


class TicketSummary(_Closed):
    """What a ticket is about, and what it needs."""

    ticket_id: Annotated[TicketId, Field(description="The id of the ticket.")]
    summary: Annotated[
        str, Field(min_length=1, max_length=400, description="Of the thread, in a few sentences.")
    ]
    open_question: Annotated[
        str | None,
        Field(max_length=1000, description="The words of the thread that wait for an answer."),
    ]
    next_step: Annotated[NextStep, Field(description="A suggestion for the support team.")]
    messages_left_out: Annotated[
        int,
        Field(ge=0, le=MOST_MESSAGES, description="Of the middle of a thread that is too long."),
    ]
    messages_shortened: Annotated[
        int, Field(ge=0, le=MOST_MESSAGES, description="Of which only the beginning was read.")
    ]
