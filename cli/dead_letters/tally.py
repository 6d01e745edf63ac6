"""How many dead letters there are, and for which reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cli.dead_letters.letter import Letter
from cli.dead_letters.look import Look
from cli.dead_letters.queues import AgentQueues, Filling, filling
from cli.dead_letters.reach import Reach


@dataclass(frozen=True, slots=True)
class Share:
    """The letters of one reason."""

    reason: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """The letters of one agent."""

    agent: str
    shares: tuple[Share, ...]
    filling: Filling
    is_sample: bool
    """Whether there are more letters than were looked at."""

    @property
    def counted(self) -> int:
        return sum(share.count for share in self.shares)

    @property
    def oldest(self) -> datetime | None:
        return min((share.oldest for share in self.shares), default=None)


def shares(letters: Iterable[Letter]) -> tuple[Share, ...]:
    """Letters by reason, the most frequent first."""
    since: dict[str, list[datetime]] = {}
    for letter in letters:
        since.setdefault(letter.reason, []).append(letter.dead_since)
    found = (Share(reason, len(times), min(times)) for reason, times in since.items())
    return tuple(sorted(found, key=lambda share: (-share.count, share.reason)))


def tally(reach: Reach, queues: AgentQueues, *, limit: int) -> Tally:
    """Look at an agent's letters, at most so many, and count them."""
    has = filling(reach, queues.dead_letter_urls)
    if not has.total:
        return Tally(queues.agent, (), has, is_sample=False)
    with Look(reach=reach, queues=queues, before=has.at, limit=limit) as look:
        return Tally(queues.agent, shares(look), has, is_sample=look.was_cut)
