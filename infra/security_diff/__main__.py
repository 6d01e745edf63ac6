"""``python -m infra.security_diff BASE``: BASE is an assembly's folder, or a git revision.

Exits with 0, with 1 if something is broader and ``--fail-on-broadening`` is given, and with 2 if
there is nothing to compare with.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Column, Table

from infra.security_diff.compare import Change, changes
from infra.security_diff.facts import Right
from infra.security_diff.reading import CannotCompare, assembly_of
from infra.stages import DEFAULT
from infra.synth import home

WIDTH = 200
"""Of a log in CI, which is no terminal."""
STYLES = {"broader": "bold red", "narrower": "green"}


def main(given: Sequence[str] | None = None) -> int:
    """Print what changed."""
    asked = _arguments(given)
    try:
        with TemporaryDirectory(prefix="gatehouse-base-") as folder:
            base = assembly_of(asked.base, asked.stage, Path(folder) / "assembly")
            found = changes(base, asked.head or home(asked.stage))
    except CannotCompare as failed:
        Console(stderr=True, highlight=False).print(
            str(failed), style="red", markup=False, soft_wrap=True
        )
        return 2
    if asked.json:
        sys.stdout.write(json.dumps([_plain(change) for change in found], indent=2) + "\n")
    else:
        _print(found)
    broader = any(change.effect == "broader" for change in found)
    return int(broader and asked.fail_on_broadening)


def rows(found: Iterable[Change]) -> Iterable[tuple[str, str, str, str, str]]:
    """Effect, stack, kind, what, and where; actions on the same resource share a row."""
    for key, group in groupby(sorted(found, key=_key), key=_key):
        effect, stack, kind, sign, who, rest, where = key
        actions = [c.fact.says.action for c in group if isinstance(c.fact.says, Right)]
        what = f"{sign} {who}: {', '.join(sorted(actions))}{rest}"
        yield effect, stack, kind, what, where


def _key(change: Change) -> tuple[str, ...]:
    fact, sign = change.fact, "+" if change.is_there else "-"
    match fact.says:
        case Right(who=who, on=on, condition=condition):
            refused = " must not" if fact.polarity == "guards" else ""
            who, rest = f"{who}{refused}", f" on {on}" + (f" if {condition}" if condition else "")
        case str() as said:
            who, rest = fact.resource, said
    return change.effect, fact.stack, fact.kind, sign, who, rest, ", ".join(change.regions)


def _print(found: list[Change]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    if not found:
        console.print("nothing that matters for security has changed")
        return
    table = Table("", "stack", "about", Column("what", overflow="fold"), "where", show_lines=True)
    for effect, stack, kind, what, where in rows(found):
        table.add_row(effect, stack, kind, what, where, style=STYLES[effect])
    console.print(table)
    broader = sum(change.effect == "broader" for change in found)
    console.print(f"{broader} broader, {len(found) - broader} narrower")


def _plain(change: Change) -> dict[str, object]:
    fact = change.fact
    return {
        "effect": change.effect,
        "change": "added" if change.is_there else "removed",
        "stack": fact.stack,
        "resource": fact.resource,
        "kind": fact.kind,
        "says": str(fact.says),
        "regions": list(change.regions),
    }


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.security_diff", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("base", metavar="BASE", help="a cloud assembly, or a git revision")
    parser.add_argument("head", metavar="HEAD", nargs="?", type=Path, help="another than cdk.out")
    parser.add_argument("--stage", default=DEFAULT, help="of infra/stages.toml")
    parser.add_argument("--fail-on-broadening", action="store_true")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
