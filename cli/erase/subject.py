"""Whom an erasure is about: a caller of runs, or a person whom their texts name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.calls import CannotCall

SHORTEST = 4
"""What is shorter stands in texts that are about somebody else."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A text by which a person is known here: a token's subject, a mail address, a number."""

    text: str
    team: str | None = None
    """Only what this team has; without one, every team's."""

    def __post_init__(self) -> None:
        if len(self.text.strip()) < SHORTEST:
            msg = (
                f"{self.text!r} stands in too many texts; name the subject in {SHORTEST} or more "
                "characters"
            )
            raise CannotCall(msg)

    def owns(self, key: str) -> bool:
        """Whether an item whose key begins with its team is of the team that is meant."""
        return self.team is None or key.startswith(f"{self.team}#")

    def is_in(self, text: str) -> bool:
        """Whether a text, or any text inside it if it is JSON, names the subject."""
        wanted = self.text.casefold()
        if wanted in text.casefold():
            return True
        try:
            found = json.loads(text)
        except ValueError:
            return False
        # JSON may write a letter as \u00fc, and outcomes are JSON inside JSON.
        return any(
            wanted in each.casefold() or (each[:1] in "{[" and each != text and self.is_in(each))
            for each in _texts(found)
            if each
        )


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            yield from (text for item in value for text in _texts(item))
        case dict():
            yield from (text for pair in value.items() for item in pair for text in _texts(item))
