"""What was asked and answered, as a table, and what was wrong with it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.fuzz.ran import Ran


@dataclass(frozen=True, slots=True)
class Report:
    """All callers together."""

    seed: int
    seconds: float
    ran: Sequence[Ran]
    leaks: Sequence[str]
    read_by_strangers: int
    """How many runs another team asked for."""

    @property
    def cases(self) -> int:
        return sum(ran.cases for ran in self.ran)

    @property
    def wrong(self) -> list[str]:
        found = [f"{ran.caller}: {failure}" for ran in self.ran for failure in ran.failures]
        return [*found, *(f"another team read {leak}" for leak in self.leaks)]

    def show(self, console: Console) -> None:
        for ran in self.ran:
            console.print(_table(ran))
        console.print(f"{self.cases} requests in {self.seconds:.0f} s, seed {self.seed}")
        console.print(f"{self.read_by_strangers} runs were asked for by another team and by nobody")
        for line in self.wrong or ["nothing is wrong"]:
            console.print(line, markup=False)

    def as_json(self) -> str:
        told = {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "requests": self.cases,
            "server_errors": sum(ran.server_errors for ran in self.ran),
            "read_by_strangers": self.read_by_strangers,
            "wrong": self.wrong,
            "answers": {ran.caller: _by_operation(ran) for ran in self.ran},
        }
        return json.dumps(told, indent=2)


def _table(ran: Ran) -> Table:
    statuses = sorted({status for _, status in ran.answers})
    table = Table(title=f"{ran.caller}: {ran.cases} requests in {ran.seconds:.0f} s")
    table.add_column("operation")
    for status in statuses:
        table.add_column(str(status), justify="right")
    for operation, answers in _by_operation(ran).items():
        table.add_row(operation, *(str(answers.get(status, "")) for status in statuses))
    return table


def _by_operation(ran: Ran) -> dict[str, dict[int, int]]:
    found: dict[str, Counter[int]] = {}
    for (operation, status), number in sorted(ran.answers.items()):
        found.setdefault(operation, Counter())[status] += number
    return {operation: dict(answers) for operation, answers in found.items()}
