"""Which dead letters are meant."""

from dataclasses import dataclass
from datetime import datetime

from cli.dead_letters.letter import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Letters that fit every condition that is set; without any, all of them."""

    reason: str | None = None
    team: str | None = None
    type: str | None = None
    dead_before: datetime | None = None
    message_ids: frozenset[str] = frozenset()

    def takes(self, letter: Letter) -> bool:
        return (
            self.reason in {None, letter.reason}
            and self.team in {None, letter.team}
            and self.type in {None, letter.type}
            and (self.dead_before is None or letter.dead_since < self.dead_before)
            and (not self.message_ids or letter.message_id in self.message_ids)
        )
