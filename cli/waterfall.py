"""The spans of a trace as a tree with bars, for eighty columns.

Stages of a run stand one below the other, though each is inside the one before it: a tree of them
would be a staircase. For the same reason a message's work stands beside what sent it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from cli.show import dollars
from local.spans import KeptSpan

NAME, BAR, TIME, COST = 38, 19, 10, 10
"""Columns; with the blanks between they make eighty."""
DEEPEST = NAME // 2
LONG_MILLIS = 100_000
MESSAGE = "consumer"
COST_KEY, RUN_KEY, ERROR_KEY = "gatehouse.cost_micro_usd", "gatehouse.run", "error.type"


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its depth in the tree."""

    depth: int
    span: KeptSpan
    error: str | None
    """What went wrong, at the innermost span that saw it."""


def waterfall(every: Sequence[KeptSpan], named: str) -> RenderableType | None:
    """The trace that has this id, or in which the run with this id is; None if there is none."""
    ids = {s.trace_id for s in every if named in {s.trace_id, s.attributes.get(RUN_KEY)}}
    found = [span for span in every if span.trace_id in ids]
    return Group(*_lines(found)) if found else None


def _lines(spans: list[KeptSpan]) -> Iterator[Text]:
    begins, ends = min(s.start_ns for s in spans), max(s.end_ns for s in spans)
    for title in sorted({_title(spans, trace_id) for trace_id in {s.trace_id for s in spans}}):
        yield Text(title, style="bold")
    for row in _rows(spans):
        yield _line(row, begins, max(ends - begins, 1))
        if row.error:
            yield Text(f"{' ' * (row.depth + 1)}! {row.error}", style="red")


def _title(spans: Iterable[KeptSpan], trace_id: str) -> str:
    own = [span for span in spans if span.trace_id == trace_id]
    seconds = (max(s.end_ns for s in own) - min(s.start_ns for s in own)) / 1e9
    cost = sum(s.attributes.get(COST_KEY, 0) for s in own if _is_call(s))
    return f"trace {trace_id}: {seconds:.2f} s, {dollars(cost)}, {len(own)} spans"


def _rows(spans: Sequence[KeptSpan]) -> Iterator[Row]:
    """Each span below what it is part of, and what is part of one thing by its beginning."""
    known = {span.span_id for span in spans}
    children: dict[str | None, list[KeptSpan]] = {}
    for span in sorted(spans, key=lambda s: (s.start_ns, -s.end_ns)):
        parent = span.parent_id if span.parent_id in known else None
        children.setdefault(parent, []).append(span)
    waiting = [(0, 0, span) for span in reversed(children.get(None, []))]
    while waiting:
        depth, hop, span = waiting.pop()
        inside = children.get(span.span_id, [])
        error = span.attributes.get(ERROR_KEY) if span.failed else None
        seen_inside = any(child.attributes.get(ERROR_KEY) == error for child in inside)
        yield Row(depth, span, None if seen_inside else error)
        for child in reversed(inside):
            if child.kind == MESSAGE:
                waiting.append((hop + 1, hop + 1, child))
            else:
                waiting.append((depth + (not _is_stage(span)), hop, child))


def _line(row: Row, begins: int, total: int) -> Text:
    span = row.span
    style = "red" if span.failed else ""
    name = f"{' ' * min(row.depth, DEEPEST)}{span.name}"
    line = Text(f"{name if len(name) <= NAME else name[: NAME - 1] + '…':<{NAME}} ", style=style)
    line.append_text(_bar(span, begins, total))
    millis = (span.end_ns - span.start_ns) / 1e6
    took = f"{millis:.1f} ms" if millis < LONG_MILLIS else f"{millis / 1000:.0f} s"
    line.append(f" {took:>{TIME}}")
    cost = dollars(span.attributes.get(COST_KEY, 0)) if _is_call(span) else ""
    return line.append(f" {cost:>{COST}}".rstrip())


def _bar(span: KeptSpan, begins: int, total: int) -> Text:
    before = min(round((span.start_ns - begins) / total * BAR), BAR - 1)
    length = max(1, min(round((span.end_ns - span.start_ns) / total * BAR), BAR - before))
    after = " " * (BAR - before - length)
    colour = "red" if span.failed else "cyan" if _is_call(span) else "green"
    return Text(" " * before).append("█" * length, style=colour).append(after)


def _is_stage(span: KeptSpan) -> bool:
    return span.kind == "internal" and " " not in span.name


def _is_call(span: KeptSpan) -> bool:
    """Whether it is a call of a model: the only thing that costs money by itself."""
    return span.attributes.get("gen_ai.operation.name") == "chat"
