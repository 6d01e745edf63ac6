"""What documents take from tables is as the tables are."""

from pathlib import Path

import pytest

from functions.domain import log, metrics
from infra.billing.pages import OF_TEMPLATES
from infra.pages import ALARMS, DOCS, PART, PARTS, made, stale


def test_every_page_is_as_its_tables_are():
    names = [page.name for page in stale()]
    assert not names, "run 'python -m infra.pages'"


def test_every_table_stands_on_a_page():
    text = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))
    assert {found[1] for found in PART.findall(text)} == PARTS.keys() | OF_TEMPLATES.keys()


def test_every_metric_and_every_line_of_the_log_is_documented():
    told = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert not [metric.name for metric in metrics.ALL if f"| `{metric.name}` |" not in told]
    told = (DOCS / "logs.md").read_text(encoding="utf-8")
    assert not [message for message in log.LINES if f"| `{message}` |" not in told]


def test_a_page_that_somebody_changed_by_hand_is_noticed_and_made_again(tmp_path: Path):
    page = tmp_path / "cost.md"
    cost = (DOCS / "cost.md").read_text(encoding="utf-8")
    page.write_text(cost.replace("Teams and", "Agents and"))
    assert not stale(tmp_path), "what is written by hand is not looked at"
    row = f"| `{metrics.RUNS.name}` |"
    page.write_text(page.read_text(encoding="utf-8").replace(row, "| `Walks` |"))
    (text,) = stale(tmp_path).values()
    assert row in text
    assert made(text) == text


def test_a_table_that_is_still_empty_is_filled_without_touching_the_next():
    begin = "<!-- {}: made by `python -m infra.pages` -->\n<!-- end -->\n"
    page = made(begin.format("series") + "between\n" + begin.format("metrics"))
    assert page.count("<!-- end -->") == 2
    assert "\nbetween\n" in page


def test_alarms_are_named_for_metrics_that_there_are():
    assert ALARMS.keys() <= set(metrics.ALL)


def test_a_part_that_nobody_makes_is_said():
    with pytest.raises(ValueError, match=r"there is no part 'walks'; there are: .*idle"):
        made("<!-- walks: made by `python -m infra.pages` -->\n<!-- end -->\n")
