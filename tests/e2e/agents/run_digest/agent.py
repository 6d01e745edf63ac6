"""Run digest: hears of runs that are over, and says so in a sentence."""

from pathlib import Path

from pydantic import BaseModel

from functions.agents import prompt
from functions.domain.agent import Tools
from functions.domain.prompt import Prompt


class FinishedRun(BaseModel):
    """As much of ``run.completed`` as is of interest here."""

    run_id: str
    agent: str


class Digest(BaseModel):
    """What the model is asked for."""

    sentence: str


def answer(request: FinishedRun, tools: Tools) -> Digest:
    system = prompt(Path(__file__).parent.name)
    return tools.ask(Prompt(system=system, question=f"{request.agent} is done."), Digest)
