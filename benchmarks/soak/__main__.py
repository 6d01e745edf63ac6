"""``make soak``: does it all to a local stack; exits with 1 when anything is lost or doubled."""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.soak import course, delivery, money
from benchmarks.soak.figures import figures
from benchmarks.soak.plan import AGENT, Plan
from benchmarks.soak.reaper import Reaper
from benchmarks.soak.report import Report, reasons
from benchmarks.soak.script import script
from benchmarks.soak.stores import ModelCall
from functions import agents, config
from functions.domain.pricing import price_list
from infra.blueprint import ROOT
from local.stack import DEFAULT_REGION, LocalStack

REDELIVERY = timedelta(seconds=12)
"""Until a dead worker's messages come back; its consumer gets a second less."""
FOLDER = ROOT / "build" / "soak"
ZONE = "eu"
STOPPED = 130
"""What a shell says of a program that Ctrl-C ended."""


def main(given: Sequence[str] | None = None) -> int:
    """Soak, and say what was found."""
    asked = _arguments(given)
    plan = Plan.of(runs=asked.runs, events=asked.events, seed=asked.seed, teams=_teams())
    console = Console()
    try:
        with _progress(console) as progress:
            played = _play(plan, asked, progress)
    except KeyboardInterrupt:
        console.print("stopped, and nothing was verified")
        return STOPPED
    report = _report(plan, played)
    report.show(console)
    console.print(f"seed {asked.seed}; what the functions printed is in {FOLDER / 'logs'}")
    if asked.json:
        asked.json.write_text(report.as_json() + "\n", encoding="utf-8")
    return 0 if report.clean else 1


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=5000, help="over HTTP (default: 5000)")
    parser.add_argument("--events", type=int, default=5000, help="on the topic (default: 5000)")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is by chance")
    parser.add_argument(
        "--kill-every", type=float, default=8, metavar="SECONDS", help="kill a worker (default: 8)"
    )
    parser.add_argument(
        "--environments", type=int, default=2, help="processes of a function (default: 2)"
    )
    parser.add_argument("--json", type=Path, help="also write what was found to this file")
    return parser.parse_args(given)


def _teams() -> list[str]:
    """The teams of the stack's zone that may have reviews judged."""
    wanted = agents.load(AGENT).manifest
    zone = next(z.name for z in config.zones().zones.values() if DEFAULT_REGION in z.regions)
    teams = config.teams().teams.values()
    return sorted(team.name for team in teams if team.zone == zone and wanted.allows(team.roles))


def _play(plan: Plan, asked: argparse.Namespace, progress: Progress) -> course.Course:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rules = FOLDER / "script.json"
    rules.write_text(json.dumps(script(plan.jobs.values())), encoding="utf-8")
    with LocalStack(
        model=f"scripted:{rules}",
        state_dir=FOLDER,
        assembly=_templates(),
        redelivery_seconds=int(REDELIVERY.total_seconds()),
        environments=asked.environments,
    ) as stack:
        chance = random.Random(asked.seed)  # noqa: S311  # repeatable, not secret
        reaper = Reaper(stack.workers, chance, asked.kill_every)
        return course.play(plan, stack, reaper, progress)


def _templates() -> Path:
    """An assembly of its own, which nobody writes anew while the soak runs."""
    folder = ROOT / "build" / "synth" / "soak"
    synth = ["-m", "infra.synth", "--region", DEFAULT_REGION, "--output", str(folder)]
    # In a process of its own: the CDK's Node.js lives, with half a gigabyte, as long as its parent.
    subprocess.run([sys.executable, *synth], check=True, cwd=ROOT)
    return folder


def _report(plan: Plan, played: course.Course) -> Report:
    seen, beside = played.evidence, played.acts[2].published
    return Report(
        checks=[
            *delivery.checks(plan, seen),
            delivery.beside_poison(beside, seen, REDELIVERY),
            *money.checks(plan, seen, _price),
        ],
        figures=figures(plan, played, money.sums(seen, _price)),
        dead_letters=reasons(plan.malformed, seen.dead_letters),
    )


def _price(call: ModelCall) -> int:
    return price_list(ZONE).of(call.model, datetime.now(UTC)).cost(call.usage)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


if __name__ == "__main__":
    sys.exit(main())
