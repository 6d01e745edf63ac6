"""The logs of functions."""

from pathlib import Path

from local.logs import Logs


def test_lines_go_to_the_functions_own_file_and_to_the_listener(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    logs = Logs(tmp_path, lambda function, line: heard.append((function, line)))
    logs.writer("http")("hello")
    logs.writer("queue")("world")
    assert logs.path("http").read_text().endswith("+00:00 hello\n")
    assert heard == [("http", "hello"), ("queue", "world")]


def test_a_new_run_begins_with_empty_logs(tmp_path: Path) -> None:
    Logs(tmp_path).writer("http")("of yesterday")
    assert not Logs(tmp_path).path("http").exists()
