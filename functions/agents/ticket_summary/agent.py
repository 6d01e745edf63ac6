"""Ticket summary: the model writes and chooses, code keeps what the thread bears out."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from functions.agents import prompt
from functions.domain.agent import Tools
from functions.domain.errors import InvalidModelReply
from functions.domain.prompt import Prompt, fence

from .contract import NextStep, Thread, TicketSummary
from .excerpt import Excerpt, excerpt
from .grounds import asks_the_customer, borne_out, open_question

NAME = Path(__file__).parent.name
# Repeated after the thread, where a small model still remembers it.
TASK = (
    "Summarise the ticket in one sentence. "
    "What question is open, and what should the agent do next?"
)


def _cut_at(characters: int) -> BeforeValidator:
    """What a model wrote may outgrow its bound when personal data is put back into it."""
    return BeforeValidator(lambda said: said[:characters] if isinstance(said, str) else said)


class Draft(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    summary: Annotated[str, Field(min_length=1, max_length=240), _cut_at(240)]
    next_step: NextStep
    open_question: Annotated[str, Field(max_length=160), _cut_at(160)]


def answer(request: Thread, tools: Tools) -> TicketSummary:
    """Summarise one thread.

    Raises:
        InvalidModelReply: no sentence of the summary is borne out by the thread.
    """
    read = excerpt(request)
    draft = tools.ask(Prompt(system=prompt(NAME), question=_question(request, read)), Draft)
    summary = borne_out(draft.summary, f"{request.subject}\n{read.text}")
    if not summary:
        msg = "Every sentence of the model's summary states a figure that the thread does not hold."
        raise InvalidModelReply(msg)
    waits = asks_the_customer(read.messages)
    return TicketSummary(
        ticket_id=request.ticket_id,
        summary=summary,
        open_question=open_question(draft.open_question, read.messages),
        next_step="wait for the customer" if waits else draft.next_step,
        messages_left_out=read.left_out,
        messages_shortened=read.shortened,
    )


def draft_of(reply: TicketSummary) -> Draft:
    """What a model must have written for code to come to this reply."""
    return Draft(
        summary=reply.summary,
        next_step=reply.next_step,
        open_question=reply.open_question or "",
    )


def _question(thread: Thread, read: Excerpt) -> str:
    subject = [f"Subject: {' '.join(thread.subject.split())}"] if thread.subject else []
    return "\n".join([fence("thread", "\n".join([*subject, read.text])), TASK])
