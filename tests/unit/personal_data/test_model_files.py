"""The committed model is what its manifest says: the file, its recipe and its scores."""

import json
from hashlib import sha256
from importlib.metadata import version

import pytest

from functions.domain.personal_data.lexicon import LEXICON_FILE, classes_of, packed, unpacked
from functions.domain.personal_data.sequence import MODEL_FILE
from training.personal_data import train
from training.personal_data.evaluate import held_out, score
from training.personal_data.lexicon_file import lexicon

MANIFEST = json.loads(train.MANIFEST_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [MODEL_FILE, LEXICON_FILE], ids=lambda path: path.name)
def test_the_manifest_describes_the_committed_file(path):
    content = path.read_bytes()
    assert MANIFEST["files"][path.name] == {
        "bytes": len(content),
        "sha256": sha256(content).hexdigest(),
    }


def test_the_model_was_made_by_the_committed_recipe():
    assert MANIFEST["seed"] == train.SEED
    assert MANIFEST["texts"] == train.TEXTS
    assert MANIFEST["parameters"] == train.PARAMETERS


def test_the_model_is_read_by_the_version_that_wrote_it():
    assert MANIFEST["python-crfsuite"] == version("python-crfsuite")


def test_the_model_is_smaller_than_a_megabyte():
    assert MODEL_FILE.stat().st_size < 1_000_000


def test_the_lexicon_file_is_built_from_the_committed_lists():
    assert LEXICON_FILE.read_bytes() == packed(lexicon())


def test_the_recorded_scores_are_those_of_this_code():
    recorded = MANIFEST["held_out_words"]
    assert score(held_out())._asdict() == pytest.approx(recorded, abs=0.01)
    assert recorded["f2"] >= 0.9


def test_a_packed_lexicon_knows_its_words_and_no_others():
    words = {"maria": "g", "straße": "w", "paris": "gp"}
    lexicon = unpacked(packed(words))
    assert {word: lexicon.get(word) for word in words} == words
    assert lexicon.get("unheard") is None


@pytest.mark.parametrize("spelling", ["Müller", "MÜLLER", "mu\u0308ller", "muller"])
def test_a_word_has_its_classes_in_every_spelling(spelling):
    assert "s" in classes_of(spelling)
