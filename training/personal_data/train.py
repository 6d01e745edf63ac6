"""Train the sequence model: ``python -m training.personal_data.train``.

Deterministic: the same code, lists and seed give the same corpus, and the same version of
python-crfsuite makes the same file of it. What was made, and how good it is, stands in the manifest
beside the model.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pycrfsuite

from functions.domain.personal_data.features import features
from functions.domain.personal_data.legible import fold
from functions.domain.personal_data.lexicon import LEXICON_FILE, classes_of, packed
from functions.domain.personal_data.patterns import formal_findings, with_candidates
from functions.domain.personal_data.sequence import MODEL_FILE, OUTSIDE
from functions.domain.personal_data.tokens import Token, tokenize
from training.personal_data.corpus import Text, corpus
from training.personal_data.evaluate import alarms_per_thousand_words, held_out, score
from training.personal_data.lexicon_file import lexicon

MANIFEST_FILE = MODEL_FILE.with_name("manifest.json")
BUSINESS_TEXTS = Path("tests/data/business_text")
SEED = 20_260_711
TEXTS = 28_000
PARAMETERS = {"c1": 0.5, "c2": 0.02, "max_iterations": 100, "feature.minfreq": 3}
# A name that the lexicon knows is hidden from it this often, so that unknown names are found too.
FORGET_NAME = 0.22
FORGET_WORD = 0.05
_NAME_CLASSES = frozenset("gspnr")
_RARE_WORDS = frozenset({"3", "4", "5", "k"})


def main() -> None:
    """Build the lexicon, the corpus and the model, and write down what came out."""
    MODEL_FILE.parent.mkdir(exist_ok=True)
    LEXICON_FILE.write_bytes(packed(lexicon()))
    rng = random.Random(SEED)  # noqa: S311 - the corpus must be the same each time
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=PARAMETERS, verbose=False)
    tokens = sum(_append(trainer, text, rng) for text in corpus(rng, TEXTS))
    trainer.train(str(MODEL_FILE))
    manifest = json.dumps(_manifest(tokens), indent=2) + "\n"
    MANIFEST_FILE.write_text(manifest, encoding="utf-8")
    sys.stdout.write(manifest)


def labels_of(tokens: Sequence[Token], spans: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    """``B-…`` for the first token of a span, ``I-…`` for the others, ``O`` outside."""
    begun = set()
    for token in tokens:
        span = next((span for span in spans if span[0] <= token.start < span[1]), None)
        if span is None or token.is_finding:
            yield OUTSIDE
        else:
            yield f"{'I' if span in begun else 'B'}-{span[2]}"
            begun.add(span)


def forgetful(rng: random.Random) -> Callable[[str], str]:
    """The lexicon with gaps."""

    def classes(word: str) -> str:
        known = classes_of(word)
        roll = rng.random()
        if roll < FORGET_NAME and _NAME_CLASSES & set(known):
            return "".join(letter for letter in known if letter not in _NAME_CLASSES)
        return "" if roll > 1 - FORGET_WORD and known in _RARE_WORDS else known

    return classes


def _append(trainer: pycrfsuite.Trainer, text: Text, rng: random.Random) -> int:
    """Hand one text to the trainer; its number of tokens."""
    legible = fold(text.text)
    tokens = tokenize(legible, with_candidates(legible, formal_findings(legible)))
    trainer.append(features(tokens, forgetful(rng)), list(labels_of(tokens, text.spans)))
    return len(tokens)


def _manifest(tokens: int) -> dict[str, Any]:
    business = [path.read_text(encoding="utf-8") for path in sorted(BUSINESS_TEXTS.glob("*.txt"))]
    return {
        "recipe": "python -m training.personal_data.train",
        "seed": SEED,
        "texts": TEXTS,
        "tokens": tokens,
        "parameters": PARAMETERS,
        "python-crfsuite": version("python-crfsuite"),
        "files": {path.name: _described(path.read_bytes()) for path in (MODEL_FILE, LEXICON_FILE)},
        "held_out_words": {name: round(x, 3) for name, x in score(held_out())._asdict().items()},
        "business_text_alarms_per_1000_words": round(alarms_per_thousand_words(business), 2),
    }


def _described(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": sha256(content).hexdigest()}


if __name__ == "__main__":
    main()
