"""The placeholders of one run: `[PERSON_1]` for a value, and the value for `[PERSON_1]`.

The same value has the same placeholder in every text of the run, so a model can reason about
"the person who …". A placeholder that somebody typed into a text is a value like any other and
becomes `[LITERAL_1]`: it comes back as it was typed, never as somebody else's name.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from functions.domain.personal_data.entities import EntityType, Finding

Scalar = str | int

LITERAL = "LITERAL"
PLACEHOLDER = re.compile(rf"\[({'|'.join(EntityType)}|{LITERAL})_\d{{1,9}}\]")
_WORD = re.compile(r"\w+")


class Placeholders:
    """Grows with the texts of a run; belongs to one run and is thrown away with it."""

    def __init__(self) -> None:
        self._placeholders: dict[tuple[str, Scalar], str] = {}
        self._values: dict[str, Scalar] = {}
        self._counts: Counter[str] = Counter()
        self._by_first_word: dict[str, list[tuple[str, EntityType]]] = defaultdict(list)

    def issue(self, kind: str, value: Scalar) -> str:
        """The placeholder of a value: a new one, or the one that it already has."""
        if (kind, value) not in self._placeholders:
            self._counts[kind] += 1
            placeholder = f"[{kind}_{self._counts[kind]}]"
            self._placeholders[kind, value] = placeholder
            self._values[placeholder] = value
            self._remember(kind, value)
        return self._placeholders[kind, value]

    def __contains__(self, placeholder: str) -> bool:
        return placeholder in self._values

    def value_of(self, placeholder: str) -> Scalar:
        return self._values[placeholder]

    def counts(self) -> dict[str, int]:
        """How many values there are of each kind of personal data."""
        return {kind: count for kind, count in self._counts.items() if kind != LITERAL}

    def occurrences(self, text: str) -> Iterator[Finding]:
        """Where values that are already known stand in ``text`` as whole words."""
        for word in _WORD.finditer(text):
            for value, entity_type in self._by_first_word.get(word[0], ()):
                start = word.start() - value.index(word[0])
                if _is_whole(text, value, start):
                    yield Finding(start, start + len(value), entity_type, 0.5)

    def _remember(self, kind: str, value: Scalar) -> None:
        first = _WORD.search(value) if isinstance(value, str) else None
        if kind != LITERAL and isinstance(value, str) and first:
            self._by_first_word[first[0]].append((value, EntityType(kind)))


def _is_whole(text: str, value: str, start: int) -> bool:
    end = start + len(value)
    if start < 0 or not text.startswith(value, start):
        return False
    return not (value[-1].isalnum() and text[end : end + 1].isalnum())
