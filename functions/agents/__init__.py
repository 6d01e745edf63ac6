"""Agents are found, not registered: every folder here with an ``agent.toml`` is one.

Infrastructure, catalogue, OpenAPI and tests loop over :func:`discover`, so adding an agent adds a
folder and changes no other file.
"""

import importlib
import json
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from functions.domain.agent import Agent, AgentManifest
from functions.domain.names import JsonObject

HERE = Path(__file__).parent


def discover(root: Path = HERE) -> tuple[AgentManifest, ...]:
    """The manifests of all agents, by name.

    Raises:
        ValueError: a manifest does not say what it must; the message names the file and the field.
    """
    return tuple(_read(file) for file in sorted(root.glob("*/agent.toml")))


def load(name: str) -> Agent:
    """The agent's manifest, code and contract.

    Raises:
        LookupError: there is no such agent in this bundle.
    """
    file = HERE / name / "agent.toml"
    if not name.isidentifier() or not file.is_file():
        msg = f"this bundle has no agent {name!r}"
        raise LookupError(msg)
    code = importlib.import_module(f"{__name__}.{name}.agent")
    return Agent.of(_read(file), code.answer)


@cache
def prompt(name: str) -> str:
    """The agent's prompt, as prose."""
    return (HERE / name / "prompt.md").read_text(encoding="utf-8").strip()


def sample(name: str, sample_name: str) -> JsonObject:
    """One request and reply of the agent, from its samples."""
    text = (HERE / name / "samples" / f"{sample_name}.json").read_text(encoding="utf-8")
    loaded: JsonObject = json.loads(text)
    return loaded


def _read(file: Path) -> AgentManifest:
    folder = file.parent.name
    try:
        manifest = AgentManifest.model_validate(
            {**tomllib.loads(file.read_text(encoding="utf-8")), "name": folder}
        )
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        msg = f"functions/agents/{folder}/agent.toml: {error}"
        raise ValueError(msg) from error
    missing = [
        name for name in manifest.examples if not (file.parent / f"samples/{name}.json").is_file()
    ]
    if missing:
        msg = f"functions/agents/{folder}/agent.toml: examples: no sample named {missing[0]!r}"
        raise ValueError(msg)
    return manifest
