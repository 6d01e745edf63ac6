"""Spans as they come over the wire, and as they are kept in the state folder: one on a line."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict

from local.template import JsonObject

FOLDER = "traces"
FILE, OLDER = "spans.jsonl", "spans.older.jsonl"
MOST_BYTES = 8_000_000
"""Of a file; there are two, so that at least so much is always kept."""
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
ERROR = 2
"""OTLP's code for the status of a span that failed."""


class KeptSpan(BaseModel):
    """One span, without the wire's ceremony."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: dict[str, Any]
    links: tuple[str, ...]
    """The trace ids of what it is linked with."""


class SpanFiles:
    """The last spans of a stack; each run of it begins with none."""

    def __init__(self, folder: Path) -> None:
        self._file, self._older = folder / FILE, folder / OLDER
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._file.unlink(missing_ok=True)
        self._older.unlink(missing_ok=True)

    def add(self, export: JsonObject) -> None:
        """Keep what an OTLP request has.

        Raises:
            LookupError: it is not what OTLP's JSON looks like; so do ValueError and TypeError.
        """
        text = "".join(f"{span.model_dump_json()}\n" for span in read_export(export))
        with self._lock:
            if self._file.is_file() and self._file.stat().st_size > MOST_BYTES:
                self._file.replace(self._older)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(text)


def kept(folder: Path) -> list[KeptSpan]:
    """All spans in a folder, in the order in which they came."""
    files = [file for file in (folder / OLDER, folder / FILE) if file.is_file()]
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [KeptSpan.model_validate_json(line) for line in lines]


def read_export(export: JsonObject) -> Iterator[KeptSpan]:
    """The spans of an OTLP request, whichever resource and scope they are from."""
    for resource in export["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            yield from map(_span, scope["spans"])


def _span(sent: JsonObject) -> KeptSpan:
    return KeptSpan(
        trace_id=sent["traceId"],
        span_id=sent["spanId"],
        parent_id=sent.get("parentSpanId") or None,
        name=sent["name"],
        kind=KINDS[sent.get("kind", 0)],
        start_ns=int(sent["startTimeUnixNano"]),
        end_ns=int(sent["endTimeUnixNano"]),
        failed=sent.get("status", {}).get("code") == ERROR,
        attributes={entry["key"]: _value(entry["value"]) for entry in sent.get("attributes", ())},
        links=tuple(link["traceId"] for link in sent.get("links", ())),
    )


def _value(sent: JsonObject) -> Any:
    """A value of OTLP's JSON: its one key says what it is."""
    ((kind, value),) = sent.items()
    match kind:
        case "intValue":
            return int(value)
        case "arrayValue":
            return [_value(entry) for entry in value.get("values", ())]
        case _:
            return value
