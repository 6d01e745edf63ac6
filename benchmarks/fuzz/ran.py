"""What Schemathesis did for one caller, as its own reports tell it."""

import base64
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ACCEPTED = 202
SERVER_ERROR = 500
SCHEMATHESIS = (sys.executable, "-m", "schemathesis.cli")


@dataclass(frozen=True, slots=True)
class Ran:
    """One caller's requests, and what was wrong with the answers."""

    caller: str
    seconds: float
    answers: Counter[tuple[str, int]]
    """How many, by operation and status."""
    failures: Sequence[str]
    later: frozenset[str] = field(default_factory=frozenset)
    """The runs that were accepted to be done later."""

    @property
    def cases(self) -> int:
        return self.answers.total()

    @property
    def server_errors(self) -> int:
        return sum(n for (_, status), n in self.answers.items() if status >= SERVER_ERROR)


def run(
    caller: str, configuration: Path, document: Path, *asked: str, log: str = "schemathesis.log"
) -> Ran:
    """Let Schemathesis do what the configuration says; what it printed stays beside it."""
    folder = configuration.parent
    command = [*SCHEMATHESIS, "--config-file", str(configuration), "run", str(document), *asked]
    with (folder / log).open("w", encoding="utf-8") as printed:
        subprocess.run(command, stdout=printed, stderr=subprocess.STDOUT, check=False)
    return read(caller, folder)


def read(caller: str, folder: Path) -> Ran:
    """What the reports in a folder say.

    Raises:
        OSError: there are none, so Schemathesis did not even begin; its log says why.
    """
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    answers: Counter[tuple[str, int]] = Counter()
    later = set()
    for operation, response in _answered(folder / "events.ndjson"):
        answers[operation, response["status_code"]] += 1
        if response["status_code"] == ACCEPTED and operation.endswith("/run"):
            later.add(_body(response)["id"])
    return Ran(
        caller, summary["running_time"], answers, tuple(_failures(summary)), frozenset(later)
    )


def _answered(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for id_, interaction in recorder.get("interactions", {}).items():
                case, response = recorder["cases"][id_]["value"], interaction.get("response")
                if response is not None:
                    yield f"{case['method']} {case['path']}", response


def _body(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(response["content"]["$base64"]))
    return found


def _failures(summary: dict[str, Any]) -> Iterator[str]:
    for failure in summary["failures"]:
        yield f"{failure['title']} ({', '.join(failure['operations'])})"
    for error in summary["errors"]:
        yield f"{error['title']} of Schemathesis itself, {error['count']} times"
    if not summary["complete"]:
        yield f"Schemathesis stopped before its end: {summary['stop_reason']}"
