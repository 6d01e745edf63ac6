"""``gatehouse logs`` on the local stack: the lines that are asked for, and only whole ones."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import logs
from cli.log_lines.entry import Selection
from cli.log_lines.sources import LogFiles, NoLogs
from cli.main import app

NOW = datetime.now(UTC)
RUN, OTHER = f"run_{1:032x}", f"run_{2:032x}"
TRACE = "a" * 32


def write(folder: Path, function: str, *lines: Any, ago: timedelta = timedelta()) -> Path:
    file = folder / "logs" / f"{function}.log"
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as opened:
        for line in lines:
            text = line if isinstance(line, str) else json.dumps(line)
            opened.write(f"{(NOW - ago).isoformat(timespec='milliseconds')} {text}\n")
    return file


def line(run: str, level: str = "INFO", **fields: Any) -> dict[str, Any]:
    return {"level": level, "message": "run", "service": "gatehouse", "run": run} | fields


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logs, "FOLDER", tmp_path)
    write(tmp_path, "edge-HttpFunction", line(RUN, trace_id=TRACE), ago=timedelta(hours=2))
    write(
        tmp_path,
        "echo-WorkerFunction",
        "START RequestId: 1",
        line(OTHER, "WARNING", trace_id="b" * 32, error="[Errno 2] no such [thing]"),
        {"_aws": {"CloudWatchMetrics": []}, "Runs": [1.0]},
    )
    return tmp_path


def told(*given: str) -> list[str]:
    result = CliRunner().invoke(app, ["logs", *given])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def test_all_lines_come_in_the_order_of_their_time_without_those_of_metrics(folder: Path):
    first, second, third = told()
    assert f"run={RUN}" in first
    assert second.endswith("START RequestId: 1")
    assert "WARNING run" in third
    assert "[Errno 2] no such [thing]" in third, "what looks like markup is text"


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        (["--run", RUN], [RUN]),
        (["--trace", TRACE], [RUN]),
        (["--level", "warning"], [OTHER]),
        (["--level", "INFO"], [RUN, OTHER]),
        (["--since", "1h", "--level", "debug"], [OTHER]),
        (["http"], [RUN]),
        (["echo", "--level", "info"], [OTHER]),
        (["--run", RUN, "--trace", "b" * 32], []),
        (["--level", "info", "-n", "1"], [OTHER]),
    ],
)
def test_only_what_is_asked_for_comes(folder: Path, given: list[str], runs: list[str]):
    assert [json.loads(text)["run"] for text in told(*given, "--json")] == runs


def test_a_program_gets_the_fields_the_function_and_the_time(folder: Path):
    found = json.loads(told("--run", RUN, "--json")[0])
    assert found["function"] == "edge-HttpFunction"
    assert datetime.fromisoformat(found["at"]) < NOW - timedelta(hours=1)
    assert json.loads(told("echo", "--json")[0])["text"] == "START RequestId: 1"


@pytest.mark.parametrize(
    ("given", "help_"),
    [
        (["--run", "x"], "run_ and 32"),
        (["--trace", "A" * 32], "in lower case"),
        (["--level", "bad"], "say one of debug, info"),
        (["--since", "soon"], "write it like 90s"),
        (["--last", "0"], "greater than or equal to 1"),
        (["--profile", "me"], "needs --region"),
    ],
)
def test_an_option_that_cannot_be_meant_is_explained(folder: Path, given: list[str], help_: str):
    result = CliRunner().invoke(app, ["logs", *given], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert help_ in " ".join(result.output.replace("│", " ").split())


def test_a_function_that_there_is_not_is_answered_with_those_that_there_are(folder: Path):
    with pytest.raises(NoLogs, match=r"no log for nobody; there are: echo-Worker.*, edge-Http"):
        list(LogFiles(folder / "logs").entries(Selection(function="nobody")))


def test_a_line_that_is_half_written_is_left_for_later(folder: Path):
    file = write(folder, "half", line(RUN))
    with file.open("a") as opened:
        opened.write(f"{NOW.isoformat()[:12]}")
    assert len(told("half")) == 1


def test_following_goes_on_with_whole_lines_of_what_was_asked_for(folder: Path):
    file, when = write(folder, "new", line(RUN, said="before")), NOW.isoformat()
    parts = iter(
        [
            f"{when} {json.dumps(line(OTHER))}\n{when} ",
            json.dumps(line(RUN, said="in two parts")),
            "\n",
        ]
    )

    def come(_: float) -> None:
        with file.open("a") as opened:
            opened.write(next(parts))

    source = LogFiles(folder / "logs", pause=come)
    new = next(source.following(Selection(function="new", run=RUN)))
    assert new.fields == line(RUN, said="in two parts")
