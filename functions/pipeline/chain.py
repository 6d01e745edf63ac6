"""Stages around an ending, like the layers of an onion.

A stage gets what comes in and the rest of the way; it may change the one, refuse by raising, answer
without going on, or look at the answer on its way back. Runs and model calls are both led so. Each
stage has a name, under which it is watched.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from functions.domain.run import Outcome, Run

In = TypeVar("In")
Out = TypeVar("Out")

Proceed = Callable[[Run], Outcome]
Stage = Callable[[Run, Proceed], Outcome]
Watch = Callable[[str, In], AbstractContextManager[object]]
"""Entered with a stage's name and what it is given, left when the stage is over."""


class Check(Protocol):
    """A stage that is the same whether the run is done now or only accepted."""

    def __call__(self, run: Run, proceed: Callable[[Run], Out]) -> Out: ...


def chain(
    stages: Mapping[str, Callable[[In, Callable[[In], Out]], Out]],
    *,
    ending: Callable[[In], Out],
    watch: Watch[In],
) -> Callable[[In], Out]:
    """One function that leads through all stages, in their order, to the ending."""
    proceed = ending
    for name, stage in reversed([*stages.items()]):
        proceed = watched(name, before(stage, proceed), watch)
    return proceed


def before(
    stage: Callable[[In, Callable[[In], Out]], Out], proceed: Callable[[In], Out]
) -> Callable[[In], Out]:
    """A stage and the rest of the way, as one function."""
    return lambda given: stage(given, proceed)


def watched(name: str, step: Callable[[In], Out], watch: Watch[In]) -> Callable[[In], Out]:
    """A step that is watched under this name."""

    def do(given: In) -> Out:
        with watch(name, given):
            return step(given)

    return do
