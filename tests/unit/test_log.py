"""The log says what is declared, and nothing else, whoever tries."""

import ast
import importlib
import io
import json
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from snapshot_restore_py import get_after_restore

from functions.adapters.log import OF_LAMBDA, hush_libraries, make_logger
from functions.domain.log import ALWAYS, FIELDS, LINES, UNDECLARED, UNDECLARED_FIELDS, event_id
from tests.measured import a_run, call, every_path, typical_run, written

FUNCTIONS = Path(__file__).parents[2] / "functions"
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")


class Log:
    """A logger, what it wrote, and how many parts it refused."""

    def __init__(self, **changes: Any) -> None:
        self.stream, self.dropped = io.StringIO(), list[int]()
        self.logger: Logger = make_logger(
            f"test-{uuid4()}", self.dropped.append, stream=self.stream, **changes
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def calls() -> Iterator[tuple[str, int, ast.Call]]:
    """Every call of a logger in the functions."""
    for file in sorted(FUNCTIONS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=level, value=base)) if (
                    level in LEVELS and ast.unparse(base).removesuffix("()").endswith("logger")
                ):
                    yield f"{file.name}:{node.lineno}", LEVELS.index(level), node


def test_every_line_that_the_functions_write_is_declared_with_its_fields():
    seen = set()
    for place, level, node in calls():
        message = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        assert message in LINES, f"{place}: declare the line in functions/domain/log.py"
        fields = {keyword.arg for keyword in node.keywords}
        assert fields <= LINES[str(message)].fields, place
        assert LINES[str(message)].level == LEVELS[level].upper(), place
        seen.add(message)
    assert seen == set(LINES), "and nothing is declared that nobody writes"


def test_every_field_is_explained_once():
    used = frozenset[str]().union(UNDECLARED_FIELDS, *(line.fields for line in LINES.values()))
    assert used | {"dropped"} == FIELDS.keys()
    assert not ALWAYS.keys() & FIELDS.keys()


def test_a_field_that_nobody_declared_is_not_written_but_counted():
    log = Log()
    log.logger.info("swept", thresholds_told=3, prompt="Ada Lovelace")
    (line,) = log.lines
    assert line["thresholds_told"] == 3
    assert line["dropped"] == 1
    assert "Lovelace" not in log.stream.getvalue()
    assert log.dropped == [1]


def test_a_key_that_is_appended_for_all_lines_is_declared_too():
    log = Log()
    log.logger.append_keys(request_id="r-1", subject="Ada Lovelace")
    log.logger.info("swept", thresholds_told=3)
    assert log.lines[0]["request_id"] == "r-1"
    assert "Lovelace" not in log.stream.getvalue()


@pytest.mark.parametrize(
    "message", ["hello Ada Lovelace", {"name": "Ada Lovelace"}, '{"a": "Ada Lovelace"}']
)
def test_a_message_that_nobody_declared_says_where_it_is_written_and_no_more(message: Any):
    log = Log()
    log.logger.warning(message, run="Ada Lovelace")
    (line,) = log.lines
    assert line["message"] == UNDECLARED
    assert line["level"] == "WARNING"
    assert line["location"].startswith("test_a_message_that_nobody_declared")
    assert "Lovelace" not in log.stream.getvalue()
    assert log.dropped == [2]


def test_no_exceptions_text_is_written():
    log = Log()
    try:
        int("Ada Lovelace")
    except ValueError:
        log.logger.exception("unexpected error", error="ValueError")
    (line,) = log.lines
    assert line["error"] == "ValueError"
    assert "Lovelace" not in log.stream.getvalue()
    assert log.dropped


def test_nothing_that_the_counters_write_is_dropped():
    told = written(every_path, level="DEBUG", request_id="r-1")
    lines = [json.loads(line) for line in told.log]
    assert {line["message"] for line in lines} >= {"run", "model call", "run not settled"}
    assert not [line for line in lines if "dropped" in line]


def test_the_line_of_a_run_tells_who_where_how_and_how_long():
    told = written(
        lambda counters: counters.count_run(typical_run(), status="succeeded", seconds=1.5),
        request_id="r-1",
        event_id=event_id("e-1"),
    )
    line = json.loads(told.log[0])
    assert (line["level"], line["message"]) == ("INFO", "run")
    assert line.keys() >= {"run", "trace_id", "request_id", "event_id", "team", "agent", "status"}
    assert line["latency_ms"] == 1500
    assert line["stages"]["model"] == 12.3


@pytest.mark.parametrize(("level", "lines"), [("DEBUG", 2), ("INFO", 1), ("WARNING", 0)])
def test_the_level_decides_what_is_written(level: str, lines: int):
    def act(counters: Any) -> None:
        counters.count_run(a_run(call()), status="succeeded", seconds=1)

    assert len(written(act, level=level).log) == lines


def test_a_share_of_the_calls_logs_at_debug(monkeypatch: pytest.MonkeyPatch):
    log = Log(debug_share=0.25)
    drawn = iter([0.2, 0.3, 0.9, 0.1])
    monkeypatch.setattr(random, "random", lambda: next(drawn))
    for number in range(4):
        log.logger.refresh_sample_rate_calculation()
        log.logger.debug("model call", run=f"run_{number}")
    assert [line["run"] for line in log.lines] == ["run_0", "run_3"]
    assert log.lines[0]["sampling_rate"] == 0.25


def test_environments_that_are_restored_from_one_snapshot_draw_for_themselves():
    importlib.import_module("functions.bootstrap.surroundings")
    assert random.seed in [callback for callback, *_ in get_after_restore()]


def test_a_librarys_line_in_lambdas_log_says_where_it_is_from_and_no_more():
    stream, root = io.StringIO(), logging.getLogger(f"library-{uuid4()}")
    handler = type("LambdaLoggerHandler", (logging.StreamHandler,), {"__module__": OF_LAMBDA})(
        stream
    )
    root.addHandler(handler)
    root.propagate = False
    hush_libraries(root)
    root.debug("POST /model/converse %s", "Ada Lovelace")
    try:
        int("Ada Lovelace")
    except ValueError:
        root.warning("a reply of %s was strange", "Ada Lovelace", exc_info=True)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith(f"{root.name} wrote a line at test_log:")
    assert line.rpartition(":")[2].isdecimal()


@pytest.mark.parametrize(
    "named", ["5f0c9a4e-2b1d-4c55-9a3e-0d6a7b8c9d0e", "0123456789abcdef0123456789abcdef"]
)
def test_an_events_id_is_told_when_it_means_nothing(named: str):
    assert event_id(named) == named


@pytest.mark.parametrize("named", ["ada.lovelace", "4" * 32, "ada@example.com", ""])
def test_an_events_id_that_may_mean_somebody_is_hashed(named: str):
    assert event_id(named).startswith("sha256:")
    assert event_id(named) != event_id(named + "1")
