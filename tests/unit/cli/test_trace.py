"""A trace as a person reads it, from the lines that functions write."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.trace import NoTrace, trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def write(folder: Path, function: str, second: int, **changes: Any) -> None:
    line = {
        "level": "INFO",
        "message": "run",
        "run": "run_1",
        "agent": "review_sentiment",
        "channel": "event",
        "status": "succeeded",
        "trace_id": TRACE,
        "cost_micro_usd": 250,
        "latency_ms": 500.0,
    } | changes
    (folder / "logs").mkdir(exist_ok=True)
    with (folder / "logs" / f"{function}.log").open("a", encoding="utf-8") as file:
        file.write(f"2026-11-22T09:30:{second:02}.000+00:00 START RequestId: 1\n")
        text = json.dumps(line, separators=(",", ":"))
        file.write(f"2026-11-22T09:30:{second:02}.000+00:00 {text}\n")


def printed(folder: Path, named: str) -> list[str]:
    console = Console(width=200, record=True, file=StringIO())
    console.print(trace(folder, named))
    return console.export_text().splitlines()


@pytest.mark.parametrize("named", [TRACE, "run_2"])
def test_all_runs_of_a_trace_are_shown_in_the_order_in_which_they_began(tmp_path: Path, named: str):
    write(tmp_path, "queue", 9, run="run_2", agent="ticket_summary")
    write(tmp_path, "http", 3, run="run_1", status="accepted", cost_micro_usd=0)
    write(tmp_path, "http", 4, run="run_9", trace_id="f" * 32)
    title, _, first, second = printed(tmp_path, named)
    assert TRACE in title
    assert "6.50 s" in title
    assert "run_1" in first
    assert "accepted" in first
    assert "+6.00 s" in second
    assert second.index("█") > first.index("█")


def test_an_id_that_no_log_has_is_told(tmp_path: Path):
    write(tmp_path, "http", 3)
    with pytest.raises(NoTrace, match="run_404"):
        trace(tmp_path, "run_404")
