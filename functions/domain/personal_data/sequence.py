"""Names, addresses, places and organisations, by a small conditional random field.

The model file is trained by `training.personal_data.train` and lies beside this module with its
manifest. It is loaded on the first text and kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from functions.domain.personal_data.entities import EntityType, Finding
from functions.domain.personal_data.features import features
from functions.domain.personal_data.tokens import CANDIDATE, Token, tokenize

if TYPE_CHECKING:
    from pycrfsuite import Tagger

MODEL_FILE = Path(__file__).with_name("model") / "names.crfsuite"
OUTSIDE = "O"
# A missed name costs more than a false alarm: below this probability of "nothing" it is a finding.
MOST_PROBABLY_NOTHING = 0.45
# Longer texts are labelled in pieces, so that memory stays bounded.
_TOKENS_AT_ONCE = 4_000


class Guess(NamedTuple):
    """What a token is thought to be; ``begins`` when it starts a new span of that type."""

    entity_type: EntityType
    probability: float
    begins: bool


def named_findings(text: str, whole: Sequence[Finding]) -> list[Finding]:
    """Find names and addresses between the findings and candidates in ``whole``."""
    tokens = tokenize(text, whole)
    spans: list[Finding] = []
    for start in range(0, len(tokens), _TOKENS_AT_ONCE):
        piece = tokens[start : start + _TOKENS_AT_ONCE]
        spans += _spans(piece, _guesses(piece))
    return spans


def _guesses(tokens: Sequence[Token]) -> Iterator[Guess | None]:
    tagger = _tagger()
    tagger.set(features(tokens))
    for place, (token, label) in enumerate(zip(tokens, tagger.tag(), strict=True)):
        nothing = tagger.marginal(OUTSIDE, place)
        if token.is_finding or nothing > MOST_PROBABLY_NOTHING:
            yield None
        else:
            chosen = _most_probable_label(tagger, place) if label == OUTSIDE else label
            guess = Guess(EntityType(chosen[2:]), 1 - nothing, chosen.startswith("B"))
            yield guess if _fits(guess, token) else None


def _most_probable_label(tagger: "Tagger", place: int) -> str:
    """For a token that the best path passes by, although it is probably something."""
    labels = (label for label in tagger.labels() if label != OUTSIDE)
    best: str = max(labels, key=lambda label: tagger.marginal(label, place))
    return best


def _fits(guess: Guess, token: Token) -> bool:
    """Only what could be a telephone number by its digits is one."""
    return token.chunk == CANDIDATE or guess.entity_type is not EntityType.PHONE_NUMBER


def _spans(tokens: Sequence[Token], guesses: Iterable[Guess | None]) -> list[Finding]:
    spans: list[Finding] = []
    previous: Guess | None = None
    for token, guess in zip(tokens, guesses, strict=True):
        if guess and previous and _continues(previous, guess):
            score = min(spans[-1].score, guess.probability)
            spans[-1] = spans[-1]._replace(end=token.end, score=score)
            previous = guess
        elif guess and _can_begin(token):
            spans.append(Finding(token.start, token.end, guess.entity_type, guess.probability))
            previous = guess
        else:
            previous = None
    return spans


def _continues(previous: Guess, guess: Guess) -> bool:
    return previous.entity_type is guess.entity_type and not guess.begins


def _can_begin(token: Token) -> bool:
    return token.text[0].isalnum() or token.chunk == CANDIDATE


@cache
def _tagger() -> "Tagger":
    from pycrfsuite import Tagger

    tagger = Tagger()
    tagger.open(str(MODEL_FILE))
    return tagger
