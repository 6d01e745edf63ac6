"""How fast a team's events may become runs: the tier's rate and quota, for what no gateway meters.

Every run takes the next free slot of its team, as the generic cell rate algorithm has it (ITU-T
I.371): slots are a team's rate apart, and a team that was idle may use as many at once as its
burst. An event whose slot is not due is delivered again when it is, so nothing is refused or lost.
"""

from dataclasses import dataclass

from functions.domain.team import Limits

MILLIS = 1000


@dataclass(frozen=True, slots=True)
class Slot:
    """A team's next place in time, and the how manieth of its month it is."""

    at_millis: int
    number: int

    def due_millis(self, limits: Limits) -> int:
        """When the run may begin: a burst ahead of its slot."""
        return self.at_millis - limits.burst * MILLIS // limits.requests_per_second


def apart_millis(limits: Limits) -> int:
    """The time between two slots; rounded up, so that a rate is kept rather than passed."""
    return -(-MILLIS // limits.requests_per_second)
