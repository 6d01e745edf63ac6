"""A trace as a person reads it, from its spans."""

from collections.abc import Sequence
from io import StringIO

from rich.console import Console

from cli.waterfall import waterfall
from local.spans import KeptSpan

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
RUN = "run_1"


def span(number: int, parent: int | None, begin: int, end: int, **changes: object) -> KeptSpan:
    fields: dict[str, object] = {
        "trace_id": TRACE,
        "span_id": f"{number:016x}",
        "parent_id": None if parent is None else f"{parent:016x}",
        "name": f"span {number}",
        "kind": "internal",
        "start_ns": begin * 1_000_000,
        "end_ns": end * 1_000_000,
        "failed": False,
        "attributes": {},
        "links": (),
    }
    return KeptSpan.model_validate(fields | changes)


def call(number: int, parent: int, begin: int, end: int, cost: int = 250) -> KeptSpan:
    said = {"gen_ai.operation.name": "chat", "gatehouse.cost_micro_usd": cost}
    name = "chat eu.anthropic.claude-haiku-4-5-20251001-v1:0"
    return span(number, parent, begin, end, name=name, attributes=said)


def printed(spans: Sequence[KeptSpan], named: str = TRACE) -> list[str]:
    console = Console(width=80, record=True, file=StringIO())
    found = waterfall(spans, named)
    assert found is not None
    console.print(found)
    return console.export_text().splitlines()


def test_what_is_part_of_something_stands_below_it_in_its_order():
    spans = [
        call(4, 3, 600, 1000),
        span(2, 1, 0, 100),
        span(3, 1, 500, 1000, attributes={"gatehouse.run": RUN}),
        span(1, 99, 0, 1000),
    ]
    title, *lines = printed(spans, RUN)
    assert title == f"trace {TRACE}: 1.00 s, $0.000250, 4 spans"
    assert [line.split("█")[0].rstrip() for line in lines] == [
        "span 1",
        " span 2",
        " span 3",
        "  chat eu.anthropic.claude-haiku-4-5-…",
    ]
    assert lines[3].endswith("400.0 ms  $0.000250")
    assert lines[2].index("█") > lines[1].index("█")


def test_stages_stand_below_each_other_and_a_message_s_work_beside_its_sender():
    spans = [
        span(1, None, 0, 90, name="POST /run", kind="server"),
        span(2, 1, 0, 80, name="invoke_agent echo"),
        span(3, 2, 0, 80, name="access"),
        span(4, 3, 0, 80, name="input"),
        span(5, 4, 0, 80, name="send run.requested", kind="producer"),
        span(6, 5, 85, 99, name="process echo", kind="consumer"),
        span(7, 6, 85, 99, name="invoke_agent echo"),
    ]
    assert [line.split("█")[0].rstrip() for line in printed(spans)[1:]] == [
        "POST /run",
        " invoke_agent echo",
        "  access",
        "  input",
        "  send run.requested",
        " process echo",
        "  invoke_agent echo",
    ]


def test_it_fits_into_eighty_columns_however_deep_it_is():
    deep = [span(n, n - 1, n, 5_000_000, name="x" * 60) for n in range(1, 40)]
    deep.append(call(40, 39, 40, 4_999_999, cost=99_999_999))
    assert max(map(len, printed(deep))) <= 80
    assert len(printed(deep)) == 41, "and no line is broken"


def test_an_error_is_told_once_where_it_happened():
    wrong = {"failed": True, "attributes": {"error.type": "out-of-time"}}
    lines = printed([span(1, None, 0, 9, **wrong), span(2, 1, 0, 9, **wrong)])
    assert [line.strip() for line in lines if "!" in line] == ["! out-of-time"]
    assert lines.index("  ! out-of-time") == 3


def test_another_trace_is_not_shown():
    other = span(7, None, 0, 9, trace_id="f" * 32, attributes={"gatehouse.run": "run_7"})
    assert len(printed([span(1, None, 0, 9), other])) == 2
    assert waterfall([other], "run_404") is None
