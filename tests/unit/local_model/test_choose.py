"""Choosing a model from files: each choice that cannot be had says what to do."""

from pathlib import Path

import pytest

from local.model.backends.embedded.weights import embedded_weights, own_weights
from local.model.choose import choose
from local.model.errors import ChoiceError


def test_a_script_is_chosen_by_its_file(tmp_path: Path):
    script = tmp_path / "script.toml"
    script.write_text('default = { reply = "Hi" }')
    assert choose(f"scripted:{script}", {}).about.backend == "scripted"


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "cannot be read"), (b"\xff", "cannot be read"), (b"rules = 1", "cannot be played")],
)
def test_a_script_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, fault: str):
    script = tmp_path / "script.toml"
    if content is not None:
        script.write_bytes(content)
    with pytest.raises(ChoiceError, match=f"script.toml {fault}"):
        choose(f"scripted:{script}", {})


def test_a_word_that_is_no_choice_is_answered_with_the_choices():
    with pytest.raises(ChoiceError, match=r"give embedded, .* bedrock or"):
        choose("gpt", {})


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path):
    (tmp_path / "model.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(ChoiceError, match="not a GGUF file"):
        choose(str(tmp_path / "model.gguf"), {})


@pytest.mark.parametrize("threads", ["0", "two", "-1"])
def test_threads_must_be_a_number(tmp_path: Path, threads: str):
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(ChoiceError, match="GATEHOUSE_MODEL_THREADS"):
        own_weights(tmp_path / "model.gguf", {"GATEHOUSE_MODEL_THREADS": threads})


def test_a_file_of_ones_own_is_named_after_itself(tmp_path: Path):
    (tmp_path / "My-Model.Q8_0.gguf").write_bytes(b"GGUF")
    weights = own_weights(tmp_path / "My-Model.Q8_0.gguf", {"GATEHOUSE_MODEL_THREADS": "3"})
    assert (weights.name, weights.threads) == ("my-model-q8_0", 3)


def test_the_embedded_model_is_found_and_is_the_published_file():
    weights = embedded_weights()
    assert (weights.name, weights.threads) == ("smollm2-135m-instruct-q4_1", 1)
