"""The part of docs/security.md that says what is accepted, and why.

Counted are places rather than resources: the page must not change with the number of regions,
agents or teams.
"""

import re
from pathlib import Path

from infra.analysis.accepted import Accepted, Judged
from infra.analysis.finding import Finding
from infra.blueprint import ROOT

PAGE = ROOT / "docs" / "security.md"
PART = re.compile(
    r"(<!-- accepted: made by `python -m infra\.analysis --write` -->\n).*?(<!-- end -->)",
    re.DOTALL,
)
HEAD = "| rules | at | places | why |\n|---|---|---|---|\n"


def table(judged: Judged) -> str:
    """Every entry, and the number of places that it is for."""
    rows = [_row(entry, found) for entry, found in judged.accepted.items()]
    places = {(one.rule, one.place) for found in judged.accepted.values() for one in found}
    total = f"{len(judged.accepted)} reasons for {len(places)} findings at distinct places.\n\n"
    return total + HEAD + "\n".join(rows)


def made(text: str, judged: Judged) -> str:
    """The page with this part made anew."""
    return PART.sub(lambda part: f"{part[1]}\n{table(judged)}\n\n{part[2]}", text)


def is_stale(judged: Judged, page: Path = PAGE) -> bool:
    """Whether the page says something else than what is so."""
    text = page.read_text(encoding="utf-8")
    return made(text, judged) != text


def write(judged: Judged, page: Path = PAGE) -> None:
    """Make the part anew."""
    page.write_text(made(page.read_text(encoding="utf-8"), judged), encoding="utf-8")


def _row(entry: Accepted, found: tuple[Finding, ...]) -> str:
    rules = ", ".join(f"`{rule}`" for rule in entry.rules)
    at = "" if entry.at == ("*",) else ": " + ", ".join(f"`{place}`" for place in entry.at)
    if entry.details != ("*",):
        at += "; " + ", ".join(f"`{detail}`" for detail in entry.details)
    places = "chosen" if entry.chosen else str(len({(one.rule, one.place) for one in found}))
    kinds = ", ".join(kind.removeprefix("AWS::") for kind in entry.kinds)
    return f"| {rules} | {kinds}{at} | {places} | {entry.reason} |"
