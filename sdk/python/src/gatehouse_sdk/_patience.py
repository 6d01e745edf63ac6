"""How long and how often a run that is done later is looked at."""

from gatehouse_sdk._clock import Clock
from gatehouse_sdk._errors import GatehouseError, TimedOut, unreachable
from gatehouse_sdk._results import Outcome, Run

LOOK_AGAIN_SECONDS = 2
WAIT_SECONDS = 300.0


class Patience:
    """The time that somebody is willing to wait for a run."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._until = clock.elapsed() + seconds

    def left(self) -> float:
        return max(0.0, self._until - self._clock.elapsed())

    def pause(self, run: Run) -> float:
        """Seconds until the next look.

        Raises:
            TimedOut: there is no time for one; the run goes on.
        """
        seconds = run.retry_after or LOOK_AGAIN_SECONDS
        if seconds >= self.left():
            msg = f"The run {run.id} is still {run.status}; wait for it again."
            raise unreachable(TimedOut, msg)
        return seconds


def outcome_of(run: Run) -> Outcome:
    """The outcome of a run that is over.

    Raises:
        GatehouseError: why it failed.
    """
    if run.outcome is None:
        raise run.error or GatehouseError("The run ended without an outcome.")
    return run.outcome
