"""What the model says stands in the texts, believed only as far as it does.

Each field has the text that may prove it: an applicant cannot prove what a document should, nor a
document who is applying. A machine-readable zone whose check digits are right outweighs any quote,
and stands in for a missing one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from .contract import Dropped, FieldName, Found, Quote, Source
from .extraction import Extraction
from .mrz import Mrz, Zone
from .mrz_layouts import Place
from .quotes import locate


@dataclass(frozen=True, slots=True)
class Texts:
    """What was given: the applicant's words, and both parts of the document."""

    applicant: str
    document: str
    zone: Zone


Find = Callable[[str, str], str | None]
"""Finds what a quote means in a text, and gives the words that really stand there."""


class Proof(NamedTuple):
    """What a machine-readable zone says, and where; nothing if it leaves the field empty."""

    value: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Claims:
    """The model's quotes, and those of them that were not accepted."""

    texts: Texts
    said: Extraction
    dropped: list[Dropped] = field(default_factory=list)

    @property
    def mrz(self) -> Mrz | None:
        """The machine-readable zone, if its check digits prove it."""
        return self.texts.zone.proved

    def quote(self, name: FieldName, *sources: Source, find: Find = locate) -> Quote | None:
        """The field's quote as it stands in one of these texts; dropped if it stands in none."""
        said: str = getattr(self.said, name).strip()
        if not said:
            return None
        for source in sources:
            if text := find(said, getattr(self.texts, source)):
                return Quote(source=source, text=text)
        texts = " or the ".join(sources)
        self.drop(name, said, f"these words do not stand in the text of the {texts}")
        return None

    def drop(self, name: FieldName, words: str, reason: str) -> None:
        """Remember that these words were not accepted, and why."""
        self.dropped.append(Dropped(field=name, quote=words, reason=reason))

    def found(
        self,
        name: FieldName,
        *sources: Source,
        read: Callable[[str], str | None],
        otherwise: str,
        proof: Proof | None = None,
    ) -> Found | None:
        """The field's value: what its quote reads as, or why it is dropped ``otherwise``."""
        quote = self.quote(name, *sources)
        value = read(quote.text) if quote else None
        if quote and value is None:
            self.drop(name, quote.text, otherwise)
        return self.settle(name, quote, value, proof)

    def settle(
        self, name: FieldName, quote: Quote | None, value: str | None, proof: Proof | None
    ) -> Found | None:
        """What a quote was read as, unless a proved zone knows better."""
        if proof is None or not proof.value:
            return Found(value=value, evidence=(quote,)) if quote and value else None
        if quote and value == proof.value:
            return Found(value=value, evidence=(quote,))
        if quote and value:
            self.drop(name, quote.text, f"the machine-readable zone says {proof.value}")
        return self.machine(proof)

    def machine(self, proof: Proof) -> Found:
        """A value that stands in the machine-readable zone."""
        line = self.texts.zone.lines[proof.place.line].strip()
        return Found(value=str(proof.value), evidence=(Quote(source="mrz", text=line),))
