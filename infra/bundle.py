"""Our own code as Lambda bundles: an entrypoint, what it imports, and the agents it serves.

    functions/entrypoints/http.py → import closure ┐
    functions/agents/<name>/      → without tests  ├→ build/functions/<bundle>/functions/…
    data files beside the modules                  ┘                          /infra/*.toml

A path in a bundle is the path in the repository, so handler, import and file have one name on AWS,
in the local runner and in the editor. Third-party code comes from layers (:mod:`infra.layers`).
"""

import io
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from functions.domain.agent import AgentManifest
from infra.blueprint import ROOT, Blueprint, Refused, Sources
from infra.closure import closure
from infra.layers import Group, Target, layer
from infra.reproducible import tree, write_tree

BUILD = ROOT / "build" / "functions"
PACKAGE = "functions"
AGENTLESS = ("authorizer", "budget_guard", "exporter", "reconciler", "sweeper", "usage", "webhooks")
"""Entrypoints that run no agent."""
PUBLISHING = ("http",)
"""Entrypoints that check what others publish."""
LAYERS: dict[Target, tuple[Group, ...]] = {
    "aws": ("functions", "authorizer"),
    # Lambda brings the runtime itself; here it must be laid beside a bundle.
    "host": ("functions", "authorizer", "runtime"),
}


def bundle(
    entrypoint: str, agents: Iterable[AgentManifest], out: Path, sources: Sources | None = None
) -> Path:
    """Write the bundle of an entrypoint that serves these agents to ``out``."""
    sources = sources or Sources()
    files = {
        "infra/teams.toml": sources.teams,
        "infra/zones.toml": sources.zones,
        **{name: path for agent in agents for name, path in _agent(sources.agents, agent)},
    }
    if entrypoint in PUBLISHING:
        files |= {str(path.relative_to(ROOT)): path for path in _contracts(ROOT / "events")}
    start = ROOT / PACKAGE / "entrypoints" / f"{entrypoint}.py"
    entry = [start, *(path for path in files.values() if path.suffix == ".py")]
    modules = closure(ROOT, PACKAGE, entry) - set(files.values())
    data = (path for folder in {module.parent for module in modules} for path in _data(folder))
    files |= {str(path.relative_to(ROOT)): path for path in (*modules, *data)}
    write_tree({name: path.read_bytes() for name, path in files.items()}, out)
    return out


def bundles(blueprint: Blueprint, out: Path = BUILD) -> dict[str, Path]:
    """Write every bundle of a blueprint; its name says what is in it."""
    built = {name: bundle(name, (), out / name, blueprint.sources) for name in AGENTLESS}
    for zone in blueprint.zones.zones.values():
        agents = blueprint.agents_of(zone)
        name = f"http-{zone.name}"
        built[name] = bundle("http", agents, out / name, blueprint.sources)
    for agent in blueprint.agents:
        name = f"queue-{agent.name}"
        built[name] = bundle("queue", (agent,), out / name, blueprint.sources)
    return built


def zipped_size(folder: Path) -> int:
    """What a folder takes as a Lambda asset, in bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, path in tree(folder):
            target.write(path, name)
    return len(archive.getvalue())


def _agent(root: Path, agent: AgentManifest) -> Iterator[tuple[str, Path]]:
    """The files of an agent that run, by path in the bundle: no tests, and only named samples."""
    samples = {f"samples/{example}.json" for example in agent.examples}
    for name, path in tree(root / agent.name):
        is_test = path.suffix == ".py" and path.name.startswith(("test_", "conftest"))
        is_unused = name.startswith("samples/") and name not in samples
        if not (is_test or is_unused):
            yield f"{PACKAGE}/agents/{agent.name}/{name}", path


def _contracts(events: Path) -> Iterator[Path]:
    return (events / name for name, _ in tree(events) if name.endswith(".schema.json"))


def _data(folder: Path) -> Iterator[Path]:
    """What the modules of a folder may read at run time: what it holds besides Python."""
    with_python = {path.parent for path in folder.rglob("*.py")} - {folder}
    for _, path in tree(folder):
        if path.suffix != ".py" and with_python.isdisjoint(path.parents):
            yield path


def main() -> None:
    """Build all layers and bundles, and say how large they are."""
    try:
        built = bundles(Blueprint.read())
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    for target, groups in LAYERS.items():
        built |= {f"layer {group} ({target})": layer(group, target) for group in groups}
    table = Table("bundle or layer", "files", "bytes", "zipped")
    for name, folder in built.items():
        sizes = [path.stat().st_size for _, path in tree(folder)]
        row = (len(sizes), sum(sizes), zipped_size(folder))
        table.add_row(name, *(f"{number:,}" for number in row))
    Console().print(table)


if __name__ == "__main__":
    main()
