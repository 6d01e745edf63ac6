"""``gatehouse usage``: what is asked, what is shown, and what is said of a mistake."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.calls import Answered, CannotCall
from cli.main import app
from cli.usage import show
from cli.usage.ask import Office
from cli.usage.export import NotAnswered, export
from functions.domain.ledger import Period
from functions.domain.pricing import all_prices

PRICE = all_prices()[0]


def text(renderable: Any) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(renderable)
    return console.export_text()


def amount(micro_usd: int = 0, tokens: int = 0) -> dict[str, Any]:
    kinds = dict.fromkeys(("output", "cache_read", "cache_write", "cache_write_hour"), 0)
    return {
        "runs": 1,
        "calls": 1,
        "tokens": {"input": tokens, **kinds},
        "cost_micro_usd": micro_usd,
        "cost_usd": f"{Decimal(micro_usd) / 1_000_000:.6f}",
    }


def report(*groups: dict[str, Any], by: tuple[str, ...] = ("workflow",)) -> dict[str, Any]:
    return {
        "from": "2026-11-01",
        "to": "2026-11-02",
        "team": None,
        "zone": PRICE.zone,
        "region": "eu-central-1",
        "final_before": "2026-11-02",
        "group_by": list(by),
        "groups": list(groups),
        "total": amount(sum(group["cost_micro_usd"] for group in groups)),
    }


def test_a_table_has_the_groups_and_the_total() -> None:
    shown = text(
        show.table(
            report(
                {"workflow": "spring", **amount(1_500_000, 1_234_567)},
                {"workflow": "[x]", **amount(1)},
            )
        )
    )
    assert "1,234,567" in shown
    assert "[x]" in shown
    assert "$1.500001" in shown
    assert "all teams, eu eu-central-1, 2026-11-01 to 2026-11-02 (not included)" in shown


def test_without_groups_a_table_is_one_line() -> None:
    assert "$0.000000" in text(show.table(report(by=())))


@pytest.mark.parametrize(
    ("by", "first"), [(("workflow",), "dear"), (("day",), "2026-11-01")], ids=str
)
def test_bars_begin_with_what_costs_most_and_days_stay_in_order(
    by: tuple[str, ...], first: str
) -> None:
    names = ("cheap", "dear") if by == ("workflow",) else ("2026-11-01", "2026-11-02")
    groups = [{by[0]: name, **amount(cost)} for name, cost in zip(names, (1, 100), strict=True)]
    lines = [line for line in text(show.chart(report(*groups, by=by))).splitlines() if "$" in line]
    assert lines[0].startswith(first)
    assert max(lines, key=lambda line: line.count("█")).startswith(names[1])


def test_bars_of_nothing_are_none() -> None:
    assert "█" not in text(show.chart(report({"workflow": "free", **amount(0)})))


def run(*words: str) -> Any:
    return CliRunner().invoke(
        app, ["usage", *words], env={"GATEHOUSE_BASE_URL": "", "COLUMNS": "200"}
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--month", "2026-13"), "write it like 2026-11"),
        (("--from", "soon"), "write it like 2026-11-01"),
        (("--month", "2026-11", "--from", "2026-11-01"), "say --month, or --from and --to"),
        (("--chart", "--format", "csv"), "a chart is for people"),
        (("export", "--month", "2026-11", "--to", "/nowhere/x.csv"), "there is no folder /nowhere"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_told_with_the_right_way(words: tuple[str, ...], said: str) -> None:
    refused = run(*words)
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output


def test_a_gatehouse_is_asked_with_a_token_and_encrypted() -> None:
    with pytest.raises(CannotCall, match="wants a token"):
        Office.find("https://eu.agents.example.com", None)
    with pytest.raises(CannotCall, match="is no gatehouse's address"):
        Office.find("http://eu.agents.example.com", "t")
    office = Office.find("https://eu.agents.example.com/", "t")
    assert (office.url, office.is_local) == ("https://eu.agents.example.com", False)


@dataclass
class FakeOffice:
    """Answers each day with the same group, or with a problem."""

    status: int = 200
    zone: str = PRICE.zone
    asked: list[dict[str, str]] = field(default_factory=list)

    def report(self, query: dict[str, str]) -> Answered:
        self.asked.append(query)
        group = {
            "day": query["from"],
            "team": "retail",
            "business_unit": "Retail",
            "cost_centre": "CC-1",
            "workflow": "spring",
            "agent": "echo",
            "model": PRICE.model,
            "zone": self.zone,
            "region": "eu-central-1",
            "price_since": PRICE.version,
            **amount(1_100_000, 1_000_000),
        }
        return Answered(self.status, report(group) | {"zone": self.zone}, 0.0)


DAYS = Period(date(2026, 11, 1), date(2026, 11, 4))


def test_a_month_is_asked_day_by_day_and_written_as_one_file(tmp_path: Path) -> None:
    office, file = FakeOffice(), tmp_path / "month.csv"

    rows, cost = export(office, DAYS, "retail", file)  # type: ignore[arg-type]  # a fake of one method

    assert (rows, cost) == (3, 3_300_000)
    assert [query["from"] for query in office.asked] == [str(day) for day in DAYS.each()]
    assert {query["team"] for query in office.asked} == {"retail"}
    found = list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))
    assert sum(Decimal(row["BilledCost"]) for row in found) * 1_000_000 == cost


def test_a_refused_day_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "month.csv"
    with pytest.raises(NotAnswered):
        export(FakeOffice(403), DAYS, None, file)  # type: ignore[arg-type]  # a fake of one method
    with pytest.raises(CannotCall, match="no zone 'mars'"):
        export(FakeOffice(zone="mars"), DAYS, None, file)  # type: ignore[arg-type]  # a fake of one method
    assert not file.exists()
