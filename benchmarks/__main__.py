"""``make bench``: measures everything and prints it; ``--json FILE`` writes it too."""

import argparse
from pathlib import Path

from rich.console import Console

from benchmarks import cold_start, governed_run, personal_data, report, sdk, sizes, synth, tracing

MEASURED = (sizes, synth, cold_start, personal_data, sdk, governed_run, tracing)


def main() -> None:
    """Measure one kind after the other, each with its own progress line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    console = Console()
    figures = []
    for kind in MEASURED:
        with console.status(f"measuring {kind.__name__.rpartition('.')[2].replace('_', ' ')}"):
            figures += kind.figures()
    report.as_table(figures, console)
    if given.json:
        given.json.write_text(report.as_json(figures) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
