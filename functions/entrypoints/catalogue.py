"""The catalogue: what agents there are, what each does, and the contract it keeps."""

from collections.abc import Iterable

from functions.domain.agent import Agent, AgentManifest
from functions.domain.names import JsonObject


def line(manifest: AgentManifest) -> JsonObject:
    """What a list shows of an agent."""
    return {
        "name": manifest.name,
        "version": manifest.version,
        "title": manifest.title,
        "description": manifest.description,
        "tags": sorted(manifest.tags),
        "roles": sorted(manifest.roles),
        "enabled": manifest.enabled,
        "run": f"/v1/agents/{manifest.name}/run",
    }


def page(agent: Agent) -> JsonObject:
    """All that a caller may know of an agent, with the JSON schemas of its contract."""
    manifest = agent.manifest
    return line(manifest) | {
        "owner": manifest.owner,
        "consumes": list(manifest.consumes),
        "emits": manifest.emits,
        "timeout_seconds": manifest.timeout_seconds,
        "max_input_bytes": manifest.max_input_bytes,
        "input_schema": agent.request.model_json_schema(),
        "output_schema": agent.reply.model_json_schema(mode="serialization"),
    }


def search(manifests: Iterable[AgentManifest], query: str) -> list[AgentManifest]:
    """The agents that have every word of the query, those with more of them in the name first."""
    words = query.lower().split()
    found = [m for m in manifests if all(word in _text(m) for word in words)]
    return sorted(found, key=lambda m: (-sum(word in m.name for word in words), m.name))


def _text(manifest: AgentManifest) -> str:
    parts = [manifest.name, manifest.title, manifest.description, *manifest.tags]
    return " ".join([*parts, *manifest.consumes, manifest.emits or ""]).lower()
