"""Part of ``make soak``: every operation of our OpenAPI document, as several callers, many times.

Schemathesis reads the document from the running stack and makes requests that fit it and requests
that do not; exits with 1 when an answer is not as the document says.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from rich.console import Console

from benchmarks.fuzz.callers import OWNER, STRANGER, Caller, callers
from benchmarks.fuzz.ran import Ran, run
from benchmarks.fuzz.report import Report
from benchmarks.fuzz.strangers import leaks
from infra.blueprint import ROOT, Sources
from local.stack import DEFAULT_REGION, LocalStack

FOLDER = ROOT / "build" / "fuzz"
SIMULTANEOUS = 2
"""Callers at a time: one for each processor of a small machine."""
OWNERS_SHARE = 3
"""Who may do something reaches the furthest, so there are so many times more of its requests."""


def main(given: Sequence[str] | None = None) -> int:
    """Fuzz, and say what was found."""
    asked = _arguments(given)
    console, began = Console(), time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    rules = FOLDER / "script.json"
    rules.write_text('{"default": {"reply": "from_schema"}}', encoding="utf-8")
    state = FOLDER / "stack"
    with (
        console.status("fuzzing; each caller's log is beside its reports"),
        LocalStack(
            model=f"scripted:{rules}", state_dir=state, assembly=_templates(), environments=2
        ) as stack,
    ):
        ran, wrong, read = _fuzz(stack, asked)
    report = Report(asked.seed, time.monotonic() - began, ran, wrong, read)
    report.show(console)
    if asked.json:
        asked.json.write_text(report.as_json() + "\n", encoding="utf-8")
    return 1 if report.wrong else 0


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument(
        "--examples", type=int, default=30, help="for each operation and caller (default: 30)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything that is by chance")
    parser.add_argument("--only", metavar="CALLER", help="such as 'no role' (default: all)")
    parser.add_argument("--json", type=Path, help="also write what was found to this file")
    return parser.parse_args(given)


def _fuzz(stack: LocalStack, asked: argparse.Namespace) -> tuple[list[Ran], list[str], int]:
    url, minter = stack.running.gateway_url, stack.identity
    token = minter.mint(OWNER)
    document = FOLDER / "openapi.json"
    document.write_bytes(described(url, token))

    def ask(caller: Caller) -> Ran:
        more = OWNERS_SHARE if "refused_for_a_good_reason" in caller.checks else 1
        configuration = caller.configuration(
            FOLDER / caller.slug, url=url, examples=asked.examples * more, seed=asked.seed
        )
        return run(caller.name, configuration, document, *caller.asked)

    with ThreadPoolExecutor(SIMULTANEOUS) as beside:
        ran = list(beside.map(ask, (c for c in callers(minter) if asked.only in (None, c.name))))
    later = sorted({each for one in ran for each in one.later})
    return ran, leaks(url, later, owner=token, stranger=minter.mint(STRANGER)), len(later)


def described(url: str, token: str) -> bytes:
    """The document, as any client gets it."""
    headers = {"Authorization": f"Bearer {token}"}
    reply = httpx.get(f"{url}/v1/openapi.json", headers=headers, timeout=40)
    return reply.raise_for_status().content


def _templates() -> Path:
    """The region, with every team in the tier of the fastest: the limits are tested elsewhere."""
    teams = FOLDER / "teams.toml"
    known = Sources().teams.read_text(encoding="utf-8")
    teams.write_text(known.replace('tier = "standard"', 'tier = "bulk"'), encoding="utf-8")
    folder = ROOT / "build" / "synth" / "fuzz"
    synth = ["-m", "infra.synth", "--region", DEFAULT_REGION, "--teams", str(teams)]
    # In a process of its own: the CDK's Node.js lives, with half a gigabyte, as long as its parent.
    subprocess.run([sys.executable, *synth, "--output", str(folder)], check=True, cwd=ROOT)
    return folder


if __name__ == "__main__":
    sys.exit(main())
