"""What a soak found, as tables for people and as JSON for machines."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.soak.check import Check
from benchmarks.soak.figures import Figure
from benchmarks.soak.plan import Malformed
from benchmarks.soak.stores import DeadLetter

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is said of one soak."""

    checks: Sequence[Check]
    figures: Sequence[Figure]
    dead_letters: Counter[str]
    """By the flaw that was sent and the reason that was found."""

    @property
    def counts(self) -> dict[str, int]:
        """How much is lost, doubled and wrong."""
        found = Counter({"lost": 0, "doubled": 0, "wrong": 0})
        for check in self.checks:
            found[check.kind] += len(check.broken)
        return dict(found)

    @property
    def clean(self) -> bool:
        return not any(check.broken for check in self.checks)

    def show(self, console: Console) -> None:
        console.print(_promises(self.checks))
        console.print(_numbers("measured", self.figures))
        letters = [Figure(why, n, "") for why, n in sorted(self.dead_letters.items())]
        console.print(_numbers("dead letters", letters))
        said = ", ".join(f"{n} {kind}" for kind, n in self.counts.items())
        console.print(said, style="green" if self.clean else "bold red")

    def as_json(self) -> str:
        return json.dumps(
            {
                **self.counts,
                "checks": [asdict(check) for check in self.checks],
                "figures": [asdict(figure) for figure in self.figures],
                "dead_letters": self.dead_letters,
            },
            indent=2,
        )


def reasons(sent: dict[str, Malformed], found: Iterable[DeadLetter]) -> Counter[str]:
    """Dead letters by what was sent, and by the reason that they carry if they carry one."""
    return Counter(
        f"{sent[letter.name].flaw if letter.name in sent else 'not malformed'}"
        + (f" → {letter.reason}" if letter.reason else "")
        for letter in found
    )


def _promises(checks: Iterable[Check]) -> Table:
    table = Table("promise", "looked at", "broken", "such as")
    for check in checks:
        style = "bold red" if check.broken else None
        found = f"{len(check.broken)} {check.kind}" if check.broken else "0"
        such_as = " ".join(check.broken[:MOST_EXAMPLES])
        table.add_row(check.promise, str(check.looked_at), found, such_as, style=style)
    return table


def _numbers(title: str, figures: Iterable[Figure]) -> Table:
    table = Table(title, "value", "unit")
    for figure in figures:
        value = figure.value
        shown = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        table.add_row(figure.what, shown, figure.unit)
    return table
