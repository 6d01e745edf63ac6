"""Turns ``GATEHOUSE_MODEL`` into a backend, or says what to do so that it can be.

    embedded (default)   SmolLM2-135M, from the packages of requirements/model.txt
    path/to/file.gguf    a model of your own on llama.cpp
    http://host/v1#NAME  any OpenAI-compatible server; the model after the #, else in
                         GATEHOUSE_MODEL_NAME, else the only one that the server has;
                         its key in GATEHOUSE_MODEL_API_KEY
    bedrock              Amazon Bedrock with your AWS credentials and region
    scripted:FILE        replies from a script, for tests

A choice that cannot answer fails here, at the start, rather than in the first run of an agent.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from local.model.backends import Backend
from local.model.errors import ChoiceError

_PATIENCE_SECONDS = 300


def choose(value: str | None, env: Mapping[str, str] = os.environ) -> Backend:
    """Give the backend for a value of ``GATEHOUSE_MODEL``, ready to answer."""
    chosen = value or "embedded"
    kind, _, rest = chosen.partition(":")
    if chosen == "bedrock":
        return _bedrock()
    if kind == "scripted":
        return _scripted(Path(rest).expanduser())
    if kind in ("http", "https"):
        return _openai(chosen, env)
    return _embedded(chosen, env)


def _embedded(chosen: str, env: Mapping[str, str]) -> Backend:
    from local.model.backends.embedded.backend import EmbeddedBackend
    from local.model.backends.embedded.weights import embedded_weights, own_weights

    if chosen == "embedded":
        return EmbeddedBackend(embedded_weights(), "embedded")
    return EmbeddedBackend(own_weights(Path(chosen).expanduser(), env), "gguf")


def _openai(url: str, env: Mapping[str, str]) -> Backend:
    from local.model.backends.openai.backend import OpenAiBackend
    from local.model.backends.openai.server import find_server

    server = find_server(url, env)
    return OpenAiBackend(server.client(), server.model)


def _bedrock() -> Backend:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    from local.model.backends.bedrock import BedrockBackend

    try:
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise ChoiceError(
                "bedrock needs AWS credentials: run `aws configure` or set AWS_PROFILE."
            )
        credentials.get_frozen_credentials()
        # The caller is a boto3 client too, and does the retries.
        config = Config(retries={"total_max_attempts": 1}, read_timeout=_PATIENCE_SECONDS)
        return BedrockBackend(session.client("bedrock-runtime", config=config))
    except BotoCoreError as error:
        raise ChoiceError(
            f"bedrock cannot be called: {error} Log in again, or set AWS_REGION."
        ) from error


def _scripted(path: Path) -> Backend:
    from local.model.backends.scripted.backend import ScriptedBackend
    from local.model.backends.scripted.script import ScriptError, parse_script

    try:
        return ScriptedBackend(parse_script(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ChoiceError(f"the script {path} cannot be read: {error}") from error
    except ScriptError as error:
        raise ChoiceError(f"the script {path} cannot be played: {error}") from error
