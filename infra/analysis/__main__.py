"""Runs the analysers beside each other, and says what they found that nobody has accepted."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from importlib.metadata import version
from pathlib import Path

from infra import stages
from infra.analysis import accepted, cdk_nag, cfn_lint, checkov, page
from infra.analysis.accepted import Judged
from infra.analysis.finding import Broken, Finding
from infra.analysis.templates import Template, templates
from infra.blueprint import ROOT, Refused, Sources
from infra.reproducible import digest
from infra.synth import assembly

ANALYSERS: Mapping[str, Callable[[Sequence[Template]], list[Finding]]] = {
    checkov.PACKAGE: checkov.findings,
    cfn_lint.PACKAGE: cfn_lint.findings,
    cdk_nag.PACKAGE: cdk_nag.findings,
}
MEMORY = ROOT / "build" / "analysis.json"


def everything() -> list[Template]:
    """The templates of every stage and region."""
    assemblies = (assembly(sources=Sources.of(stage)) for stage in stages.read().stages)
    return [template for folder in assemblies for template in templates(folder)]


def found(seen: Sequence[Template]) -> list[Finding]:
    """What all analysers find; remembered while templates, analysers and this code are the same."""
    key = digest(_inputs(seen))
    memory = json.loads(MEMORY.read_text(encoding="utf-8")) if MEMORY.is_file() else {}
    if memory.get("key") == key:
        _say("the templates are as they were when they were last analysed")
        return [Finding(*one) for one in memory["findings"]]
    with ThreadPoolExecutor(len(ANALYSERS)) as beside:
        lists = [*beside.map(lambda name: _timed(name, seen), ANALYSERS)]
    findings = [finding for one in lists for finding in one]
    memory = {"key": key, "findings": [astuple(finding) for finding in findings]}
    MEMORY.write_text(json.dumps(memory), encoding="utf-8")
    return findings


def _inputs(seen: Sequence[Template]) -> Iterator[str | bytes]:
    for file in (*sorted(Path(__file__).parent.glob("*.py")), *(one.file for one in seen)):
        yield str(file)
        yield file.read_bytes()
    yield (ROOT / "requirements" / "checkov.txt").read_bytes()
    yield from (version(package) for package in (cfn_lint.PACKAGE, cdk_nag.PACKAGE))


def _timed(name: str, seen: Sequence[Template]) -> list[Finding]:
    began = time.monotonic()
    findings = ANALYSERS[name](seen)
    _say(f"{name}: {len(findings)} findings, {time.monotonic() - began:.0f} s")
    return findings


def _problems(judged: Judged) -> Iterator[str]:
    for finding in judged.open:
        yield f"not accepted: {finding}"
    for entry in judged.stale:
        yield f"nothing is found any more, take it out of accepted.toml: {entry}"
    if page.is_stale(judged):
        yield f"{page.PAGE.name} is stale; run 'python -m infra.analysis --write'"


def main(given: Sequence[str] | None = None) -> int:
    """Fail if a finding is not accepted, an acceptance is not needed, or the page is stale."""
    parser = argparse.ArgumentParser(prog="python -m infra.analysis", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make the page anew")
    asked = parser.parse_args(given)
    try:
        seen = everything()
        judged = accepted.judge(found(seen), accepted.read())
    except (Broken, Refused) as error:
        _say(str(error))
        return 1
    if asked.write:
        page.write(judged)
    problems = [*_problems(judged)]
    for problem in problems:
        _say(problem)
    count = sum(len(each) for each in judged.accepted.values())
    _say(f"{len(seen)} templates: {count} findings accepted, {len(judged.open)} not")
    return 1 if problems else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
