"""What the local receiver keeps of spans, and what it says to what are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import spans
from local.spans import KeptSpan, SpanFiles, kept, read_export

SPAN = {
    "traceId": "1" * 32,
    "spanId": "2" * 16,
    "parentSpanId": "3" * 16,
    "name": "chat",
    "kind": 3,
    "startTimeUnixNano": "1000",
    "endTimeUnixNano": "2000",
    "attributes": [
        {"key": "tokens", "value": {"intValue": "7"}},
        {"key": "ratio", "value": {"doubleValue": 0.5}},
        {"key": "repair", "value": {"boolValue": False}},
        {"key": "reasons", "value": {"arrayValue": {"values": [{"stringValue": "end"}]}}},
    ],
    "links": [{"traceId": "4" * 32, "spanId": "5" * 16}],
    "status": {"code": 2},
}


def export(*sent: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": [*sent]}]}]}


def test_a_span_is_read_with_all_that_is_shown_of_it():
    assert [*read_export(export(SPAN))] == [
        KeptSpan(
            trace_id="1" * 32,
            span_id="2" * 16,
            parent_id="3" * 16,
            name="chat",
            kind="client",
            start_ns=1000,
            end_ns=2000,
            failed=True,
            attributes={"tokens": 7, "ratio": 0.5, "repair": False, "reasons": ["end"]},
            links=("4" * 32,),
        )
    ]


def test_a_stack_begins_with_no_spans_and_keeps_those_that_come(tmp_path: Path):
    SpanFiles(tmp_path).add(export(SPAN))
    files = SpanFiles(tmp_path)
    assert kept(tmp_path) == []
    files.add(export(SPAN, {**SPAN, "parentSpanId": ""}))
    assert [span.parent_id for span in kept(tmp_path)] == ["3" * 16, None]


def test_the_files_stay_small_and_the_last_spans_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    one_line = len(next(read_export(export(SPAN))).model_dump_json())
    monkeypatch.setattr(spans, "MOST_BYTES", 3 * one_line)
    files = SpanFiles(tmp_path)
    for number in range(20):
        files.add(export({**SPAN, "name": f"span {number}"}))
    names = [span.name for span in kept(tmp_path)]
    assert names[-1] == "span 19"
    assert 3 <= len(names) <= 8
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 9 * one_line


@pytest.mark.parametrize("wrong", [{}, [], {"resourceSpans": [{}]}, export({"name": "x"})])
def test_what_is_no_export_is_refused(tmp_path: Path, wrong: Any):
    with pytest.raises((LookupError, TypeError, ValueError, AttributeError)):
        SpanFiles(tmp_path).add(json.loads(json.dumps(wrong)))
    assert kept(tmp_path) == []
