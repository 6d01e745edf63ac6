"""Alarms as data: what is read, how often, and from where on somebody is told."""

from dataclasses import dataclass
from typing import Literal

from infra.watching.readings import Formula, Watched

Silence = Literal["notBreaching", "breaching"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One alarm, whoever makes it."""

    name: str
    """Of the alarm, within its stack."""
    section: str
    """Of the runbook; ``infra/watching/sections.py`` says how bad it is."""
    says: str
    reading: Watched
    above: float | None = None
    below: float | None = None
    """One of the two is given."""
    minutes: int = 5
    """For which each number is."""
    periods: int = 1
    """How many numbers in a row are looked at."""
    breaching: int | None = None
    """How many of them must be bad; all unless it is said."""
    silent: bool = False
    """Whether it tells nobody by itself, since another alarm is made of it."""

    def __post_init__(self) -> None:
        if (self.above is None) == (self.below is None):
            msg = f"{self.name}: an alarm has one threshold, above or below"
            raise ValueError(msg)

    @property
    def metrics(self) -> int:
        """How many metrics CloudWatch charges it for."""
        return len(self.reading.terms) if isinstance(self.reading, Formula) else 1
