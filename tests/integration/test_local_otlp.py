"""The local stack's receiver of spans: what it takes, keeps and passes on."""

import json
from pathlib import Path

import httpx
import pytest

from benchmarks.otlp_endpoints import receiver, refusing
from local.otlp_server import OtlpServer
from local.spans import kept
from tests.unit.local.test_otlp_server import SPAN, export


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status", "said"),
    [
        ("/v1/traces", "application/json; charset=utf-8", None, 200, ""),
        ("/v1/traces", "application/x-protobuf", None, 415, "send OTLP as application/json"),
        ("/v1/metrics", "application/json", None, 404, "send spans to /v1/traces"),
        ("/v1/traces", "application/json", "{", 400, "this is no OTLP request"),
        ("/v1/traces", "application/json", "{}", 400, "this is no OTLP request: KeyError"),
    ],
)
def test_it_takes_spans_as_json_and_says_so(
    tmp_path: Path, path: str, content_type: str, body: str | None, status: int, said: str
) -> None:
    server = OtlpServer(tmp_path, lambda _: None)
    try:
        url = server.url.replace("/v1/traces", path)
        content = body or json.dumps(export(SPAN))
        reply = httpx.post(url, content=content, headers={"Content-Type": content_type})
    finally:
        server.stop()
    assert reply.status_code == status
    assert said in reply.json().get("message", "")
    assert len(kept(tmp_path)) == (status == 200)


def test_what_it_keeps_it_passes_on_as_it_came(tmp_path: Path) -> None:
    with receiver() as found:
        server = OtlpServer(tmp_path, pytest.fail, found.url)
        httpx.post(server.url, json=export(SPAN)).raise_for_status()
        server.stop()
    (request,) = found.received
    assert httpx.Response(200, content=request.body).json() == export(SPAN)


def test_a_tool_that_is_not_there_is_told_of_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    said: list[str] = []
    with refusing() as url:
        server = OtlpServer(tmp_path, said.append, url)
        httpx.post(server.url, json=export(SPAN)).raise_for_status()
        server.stop()
    assert len(kept(tmp_path)) == 1
    assert said[0].startswith(f"spans for {url} were dropped")
