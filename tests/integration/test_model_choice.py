"""Choosing a model behind a URL: what the server says of itself decides, and what to do is said."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from local.model.backends.openai.server import find_server
from local.model.errors import ChoiceError


class ModelList(HTTPServer):
    """A server that can list its models, to those who have the key."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ListHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.models: list[str] = []
        self.key: str | None = None
        self.status = 200


class _ListHandler(BaseHTTPRequestHandler):
    server: ModelList

    def do_GET(self) -> None:
        """List the models."""
        allowed = self.server.key in (None, (self.headers["authorization"] or "")[7:])
        assert self.path == "/v1/models"
        self.send_response(self.server.status if allowed else 401)
        self.end_headers()
        models = [{"id": model} for model in self.server.models]
        self.wfile.write(json.dumps({"data": models}).encode())

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def listing() -> Iterator[ModelList]:
    with ModelList() as listing:
        thread = threading.Thread(target=listing.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listing
        listing.shutdown()
        thread.join()


def test_the_model_after_the_hash_comes_before_the_setting_and_that_before_the_only_one(
    listing: ModelList,
):
    listing.models = ["only"]
    setting = {"GATEHOUSE_MODEL_NAME": "named"}
    assert find_server(f"{listing.url}/v1#own%20model", setting).model == "own model"
    assert find_server(f"{listing.url}/v1/", setting).model == "named"
    assert find_server(listing.url, {}).model == "only"


def test_a_base_url_without_a_path_means_v1(listing: ModelList):
    server = find_server(f"{listing.url}#m", {})
    assert server.base_url == f"{listing.url}/v1"


def test_among_several_models_one_must_be_named(listing: ModelList):
    listing.models = ["zeta", "alpha"]
    with pytest.raises(ChoiceError, match=r"URL#NAME .* it has alpha, zeta"):
        find_server(listing.url, {})


def test_a_key_is_sent_and_never_shown(listing: ModelList):
    listing.key = "opensesame"
    server = find_server(f"{listing.url}#m", {"GATEHOUSE_MODEL_API_KEY": "opensesame"})
    assert server.headers == {"authorization": "Bearer opensesame"}
    assert "opensesame" not in repr(server)


def test_a_refused_key_says_which_setting_to_set(listing: ModelList):
    listing.key = "opensesame"
    with pytest.raises(ChoiceError, match="set GATEHOUSE_MODEL_API_KEY"):
        find_server(f"{listing.url}#m", {})


def test_a_server_that_fails_is_named_without_the_password_in_its_url(listing: ModelList):
    listing.status = 500
    url = listing.url.replace("//", "//me:opensesame@")
    with pytest.raises(ChoiceError, match="HTTP 500: see its log") as failure:
        find_server(url, {})
    assert "opensesame" not in str(failure.value)


def test_a_url_where_nobody_answers_says_to_start_the_server():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ChoiceError, match=rf"answers at http://127.0.0.1:{port}/v1 .*start it"):
        find_server(f"http://127.0.0.1:{port}", {})
