"""What the page about security promises has a place in the code and a test."""

import re

import pytest

from tests.architecture.test_docs import ROOT, text

PAGE = text("docs/security.md")
PATH = re.compile(r"`((?:functions|infra|local|cli|sdk|tests)/[\w./-]+)`")
STRIDE = set("STRIDE")


def part(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(section: str) -> list[list[str]]:
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if set(row[0]) != {"-"}][1:]


BOUNDARIES = re.findall(r"^### (.+)$", part("Threats"), flags=re.MULTILINE)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_every_threat_has_code_against_it_and_a_test(boundary: str) -> None:
    threats = rows(part("Threats").partition(f"### {boundary}\n")[2].partition("\n### ")[0])
    assert threats
    for letter, threat, control, code, test in threats:
        assert letter in STRIDE, threat
        assert threat, boundary
        assert control, threat
        for cell, inside in ((code, ""), (test, "tests/")):
            (path,) = PATH.findall(cell)
            assert path.startswith(inside)
            assert (ROOT / path).exists(), path


def test_there_is_a_boundary_for_each_way_in_and_out() -> None:
    assert len(BOUNDARIES) == 9
    letters = {row[0] for row in rows(part("Threats"))}
    assert letters >= STRIDE


@pytest.mark.parametrize(
    ("heading", "ids"),
    [
        ("OWASP API Security Top 10 (2023)", [f"API{n}" for n in range(1, 11)]),
        ("OWASP Top 10 for LLM applications", [f"LLM{n:02}" for n in range(1, 11)]),
    ],
)
def test_every_risk_of_owasp_is_answered_with_a_test(heading: str, ids: list[str]) -> None:
    found = rows(part(heading))
    assert [row[0] for row in found] == ids
    for row in found:
        paths = PATH.findall(row[-1])
        assert paths, row
        assert all((ROOT / path).is_file() for path in paths), row


def test_the_numbers_of_2026_are_each_given_once() -> None:
    found = rows(part("OWASP Top 10 for LLM applications"))
    assert sorted(row[1] for row in found) == sorted(row[0] for row in found)
