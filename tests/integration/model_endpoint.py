"""Serves a backend on a free loopback port of the test's own process, and talks to it as boto3."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
from botocore.config import Config

from local.model.backends import Backend
from local.model.backends.scripted.backend import ScriptedBackend
from local.model.backends.scripted.script import Script
from local.model.server import ModelServer

MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
ARN = f"arn:aws:bedrock:eu-central-1:123456789012:inference-profile/{MODEL}"


@contextmanager
def served(backend: Backend) -> Iterator[str]:
    """The URL of an endpoint that answers with this backend."""
    ready = threading.Event()
    server = ModelServer(backend, 0, lambda _url: ready.set())
    thread = threading.Thread(target=server.run_until_stopped)
    thread.start()
    try:
        assert ready.wait(10)
        yield server.url
    finally:
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()


@contextmanager
def bedrock(url: str) -> Iterator[Any]:
    """A client such as a function has, without retries."""
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60, max_pool_connections=20),
    )
    with closing(client):
        yield client


@dataclass(frozen=True)
class ScriptedModel:
    """An endpoint with a script, a client of it, and plain HTTP for what boto3 would not send."""

    client: Any
    http: httpx.Client

    def plays(self, *rules: dict[str, Any], **script: Any) -> None:
        """Start over with these rules."""
        script = {"rules": list(rules), **script}
        self.http.put("/_scripted/script", json=script).raise_for_status()

    def record(self) -> dict[str, Any]:
        """What was asked since the script began."""
        record: dict[str, Any] = self.http.get("/_scripted/calls").json()
        return record


@contextmanager
def scripted_model() -> Iterator[ScriptedModel]:
    """A model that answers by script, which each test brings."""
    backend = ScriptedBackend(Script())
    with served(backend) as url, bedrock(url) as client, httpx.Client(base_url=url) as http:
        yield ScriptedModel(client, http)


def user(text: str) -> list[dict[str, Any]]:
    """A conversation of one message."""
    return [{"role": "user", "content": [{"text": text}]}]


def json_schema(name: str, schema: str) -> dict[str, Any]:
    """An output config that asks for structured output."""
    wanted = {"jsonSchema": {"name": name, "schema": schema}}
    return {"textFormat": {"type": "json_schema", "structure": wanted}}


def text_of(answer: dict[str, Any]) -> str:
    """The text of a reply that is one text."""
    (block,) = answer["output"]["message"]["content"]
    text: str = block["text"]
    return text


def parts_of(answer: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, by kind."""
    with closing(answer["stream"]) as stream:
        return [item for part in stream for item in part.items()]
