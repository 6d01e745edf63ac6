"""Stages around an ending, like the layers of an onion.

A stage gets a run and the rest of the way; it may change the run, refuse it by raising, answer
without going on, or look at the outcome on its way back.
"""

from collections.abc import Callable, Iterable

from functions.domain.run import Outcome, Run

Proceed = Callable[[Run], Outcome]
Stage = Callable[[Run, Proceed], Outcome]


def chain(stages: Iterable[Stage], ending: Proceed) -> Proceed:
    """One function that leads a run through all stages, in their order, to the ending."""
    proceed = ending
    for stage in reversed(list(stages)):
        proceed = _bind(stage, proceed)
    return proceed


def _bind(stage: Stage, proceed: Proceed) -> Proceed:
    return lambda run: stage(run, proceed)
