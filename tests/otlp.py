"""OTLP requests as OpenTelemetry's own protocol buffers read them.

Neither the exporter nor the local receiver has a part in it: unknown fields and values of a wrong
type are errors here. OTLP's JSON differs from that of protocol buffers in one thing, ids, which are
hexadecimal.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


@dataclass(frozen=True)
class DecodedSpan:
    """One span in plain values."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    trace_state: str
    start_ns: int
    end_ns: int
    failed: bool
    attributes: dict[str, Any]
    links: tuple[str, ...]


@dataclass(frozen=True)
class Decoded:
    """One request."""

    resource: dict[str, Any]
    spans: list[DecodedSpan]


def decoded(body: bytes) -> Decoded:
    """Raises an error when it is not what the protocol says."""
    request = Parse(json.dumps(_with_base64(json.loads(body))), ExportTraceServiceRequest())
    (resource,) = request.resource_spans
    spans = [_span(span) for scope in resource.scope_spans for span in scope.spans]
    return Decoded(_attributes(resource.resource.attributes), spans)


def _with_base64(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_base64(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _id(name, entry) if name in IDS else _with_base64(entry)
        for name, entry in value.items()
    }


def _id(name: str, value: str) -> str:
    assert re.fullmatch(rf"[0-9a-f]{{{IDS[name]}}}", value), f"{name} is no id: {value}"
    return base64.b64encode(bytes.fromhex(value)).decode()


def _span(span: Span) -> DecodedSpan:
    return DecodedSpan(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        trace_state=span.trace_state,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=_attributes(span.attributes),
        links=tuple(link.trace_id.hex() for link in span.links),
    )


def _attributes(attributes: Any) -> dict[str, Any]:
    return {entry.key: _value(entry.value) for entry in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(entry) for entry in value.array_value.values]
    return getattr(value, kind)
