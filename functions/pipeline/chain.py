"""Stages around an ending, like the layers of an onion.

A stage gets what comes in and the rest of the way; it may change the one, refuse by raising, answer
without going on, or look at the answer on its way back. Runs and model calls are both led so.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from functions.domain.run import Outcome, Run

In = TypeVar("In")
Out = TypeVar("Out")

Proceed = Callable[[Run], Outcome]
Stage = Callable[[Run, Proceed], Outcome]


class Check(Protocol):
    """A stage that is the same whether the run is done now or only accepted."""

    def __call__(self, run: Run, proceed: Callable[[Run], Out]) -> Out: ...


def chain(
    stages: Iterable[Callable[[In, Callable[[In], Out]], Out]], ending: Callable[[In], Out]
) -> Callable[[In], Out]:
    """One function that leads through all stages, in their order, to the ending."""
    proceed = ending
    for stage in reversed(list(stages)):
        proceed = _bind(stage, proceed)
    return proceed


def _bind(
    stage: Callable[[In, Callable[[In], Out]], Out], proceed: Callable[[In], Out]
) -> Callable[[In], Out]:
    return lambda given: stage(given, proceed)
