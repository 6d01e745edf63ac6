"""What traces cost: CPU of a run and of a cold start, and the wait for an endpoint that is down.

Each kind of endpoint is measured in a process of its own, which is this module started again; the
runs are those of ``governed_run``, cache misses all.
"""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from statistics import mean
from time import perf_counter
from typing import Any

from benchmarks import governed_run
from benchmarks.measure import cpu_of, cpu_per_call
from benchmarks.otlp_endpoints import hanging, refusing
from benchmarks.report import Figure
from infra.blueprint import ROOT, Blueprint
from infra.bundle import bundles
from infra.layers import layer

BOUND_MS = 300
TIMES, WARM_UP = 150, 20
BASE = "import boto3, functions.pipeline.run, functions.bootstrap.surroundings"
PLACE = {"AWS_DEFAULT_REGION": "eu-central-1"}


@contextmanager
def _taking() -> Iterator[str]:
    """A receiver in a process of its own, so that its CPU is not counted."""
    command = [sys.executable, "-m", "benchmarks.otlp_endpoints"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        yield child.stdout.readline().strip() if child.stdout else ""
        child.terminate()


ENDPOINTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "none": nullcontext,
    "taking": _taking,
    "hanging": hanging,
    "refusing": refusing,
}


def figures() -> list[Figure]:
    """A run's CPU beside the same run without traces, and the waits beside their bound."""
    measured = {kind: _measured(kind) for kind in ENDPOINTS}
    bare = measured["none"]["cpu"]
    found = [
        Figure(f"run, spans to an endpoint that is {kind}", told["cpu"], "CPU ms", bare)
        for kind, told in measured.items()
    ]
    for kind in ("taking", "hanging", "refusing"):
        told = measured[kind]
        found.append(Figure(f"  {kind}: longest wait", told["longest"], "wall ms", BOUND_MS))
        found.append(Figure(f"  {kind}: mean wait of a run", told["mean"], "wall ms", BOUND_MS))
    return [*found, *_cold_start()]


def _cold_start() -> list[Figure]:
    """What importing the SDK and the exporter adds to a function that runs agents."""
    bundle = bundles(Blueprint.read())["http-eu"]
    path = [bundle, layer("functions", "host") / "python", layer("runtime", "host") / "python"]
    without = cpu_of(BASE, path, PLACE)
    traced = cpu_of(f"{BASE}, functions.bootstrap.tracing", path, PLACE)
    return [Figure("cold start with traces, beside one without", traced, "CPU ms", without)]


def _measured(kind: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tracing", kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _measure(kind: str) -> dict[str, float]:
    with ENDPOINTS[kind]() as endpoint:
        if endpoint:
            told = {"endpoint": endpoint, "flush_milliseconds": BOUND_MS}
            os.environ["GATEHOUSE_TRACES"] = json.dumps(told)
        with governed_run.quiet(), governed_run.aws() as (_, handle, _):
            waits = _timed_flushes()
            numbers = itertools.count()
            text = governed_run.TEXT
            cpu = cpu_per_call(
                lambda: handle(text.format(next(numbers)), None), times=TIMES, warm_up=WARM_UP
            )
        return {"cpu": cpu, "longest": max(waits, default=0.0), "mean": mean(waits or [0.0])}


def _timed_flushes() -> list[float]:
    """Milliseconds of each flush from now on."""
    from functions.bootstrap.tracing import outbox

    waits: list[float] = []
    found = outbox()
    if found is None:
        return waits
    flush = found.flush

    def timed(left_seconds: float) -> None:
        began = perf_counter()
        flush(left_seconds)
        waits.append((perf_counter() - began) * 1000)

    found.flush = timed  # type: ignore[method-assign]  # a stopwatch around the real one
    return waits


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(sys.argv[1])) + "\n")
