"""The gateway behind a real socket."""

import http.client
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.gateway import MAX_BODY_BYTES, LocalGateway
from local.server import GatewayServer
from tests.unit.local.apis import Functions, allow, api_of, method, path, template

RESOURCES = template(V1=path("v1"), Agent=path("{agent}", "V1"), Any=method("Agent", "ANY"))


def mirror(event: dict[str, Any]) -> Any:
    """Answers with the size of the body and the path."""
    size = len(event["body"] or "")
    headers = {"set-cookie": ["a=1", "b=2"]}
    body = f"{event['path']} {event['pathParameters']['agent']} {size}"
    return {"statusCode": 200, "multiValueHeaders": headers, "body": body}


@pytest.fixture
def functions() -> Functions:
    return Functions({"http": mirror, "authorizer": allow})


@pytest.fixture
def server(functions: Functions) -> Iterator[GatewayServer]:
    server = GatewayServer(LocalGateway(api_of(RESOURCES), functions))
    yield server
    server.stop()


@pytest.fixture
def client(server: GatewayServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/live", timeout=20) as client:
        yield client


def test_a_request_goes_through_and_back(client: httpx.Client) -> None:
    response = client.post("/v1/a%20b?q=1", content="hello")
    assert (response.status_code, response.text) == (200, "/v1/a%20b a b 5")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert "server" not in response.headers


def test_a_connection_serves_many_requests(client: httpx.Client) -> None:
    assert [client.get("/v1/a").status_code for _ in range(3)] == [200] * 3


def test_a_head_request_has_no_body(client: httpx.Client) -> None:
    response = client.head("/v1/a")
    assert (response.status_code, response.content) == (200, b"")


def test_ten_megabytes_are_read(client: httpx.Client, functions: Functions) -> None:
    size = 5_000_000  # Lambda takes no more than six megabytes of event.
    assert client.post("/v1/a", content=b"x" * size).text.endswith(f" {size}")


def test_a_larger_body_is_refused_before_any_function_sees_it(
    client: httpx.Client, functions: Functions
) -> None:
    response = client.post("/v1/a", content=b"x" * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert functions.events == []


def test_a_larger_body_in_chunks_is_refused_too(client: httpx.Client, functions: Functions) -> None:
    chunks = (b"x" * 1024 * 1024 for _ in range(11))
    assert client.post("/v1/a", content=chunks).status_code == 413
    assert functions.events == []


def test_the_server_outlives_a_caller_who_hangs_up(
    server: GatewayServer, client: httpx.Client
) -> None:
    rude = http.client.HTTPConnection("127.0.0.1", server.port)
    rude.putrequest("POST", "/live/v1/a")
    rude.putheader("content-length", "100")
    rude.endheaders(b"only this")
    rude.close()
    assert client.get("/v1/a").status_code == 200


def test_a_port_that_is_taken_is_an_error(server: GatewayServer, functions: Functions) -> None:
    with pytest.raises(OSError, match="in use"):
        GatewayServer(LocalGateway(api_of(RESOURCES), functions), server.port)
