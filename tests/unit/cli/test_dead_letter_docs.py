"""Whoever meets a reason finds in the documents what it means and what to do first."""

import inspect
import re
from pathlib import Path

from cli.dead_letters.letter import CRASHED, UNDELIVERABLE
from functions.domain import errors
from functions.domain.errors import GatehouseError

PAGE = Path(__file__).parents[3] / "docs" / "dead-letters.md"


def test_every_reason_has_a_first_action_and_no_other_is_named():
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition("## By reason")[2].partition("\n## ")[0]
    told = re.findall(r"`([a-z]+(?:-[a-z]+)*)`", _first_column(section) + _last_line(section))
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    slugs = {each.slug for each in classes if issubclass(each, GatehouseError)}
    assert sorted(told) == sorted(slugs | {CRASHED, UNDELIVERABLE})


def _first_column(section: str) -> str:
    return " ".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))


def _last_line(section: str) -> str:
    return section.rstrip().splitlines()[-1]
