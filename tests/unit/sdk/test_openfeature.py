"""The official OpenFeature client gets the gatehouse's flags from our provider."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode

from gatehouse_sdk import Client
from gatehouse_sdk.flags import Flags
from gatehouse_sdk.openfeature import GatehouseProvider
from tests.unit.sdk.cases import FakeClock
from tests.unit.sdk.fakes import URL
from tests.unit.sdk.test_flags import AGENT, FlagServer


@pytest.fixture
def server() -> FlagServer:
    return FlagServer(limit=7, share=2, banner="hello", theme={"colour": "blue"})


@pytest.fixture
def client(server: FlagServer) -> Iterator[OpenFeatureClient]:
    flags = Flags(Client(URL, "token", transport=server, clock=FakeClock()))
    api.set_provider(GatehouseProvider(flags))
    yield api.get_client()
    api.shutdown()


def test_every_kind_of_flag_is_resolved(client: OpenFeatureClient) -> None:
    assert client.get_boolean_value(AGENT, default_value=False)
    assert client.get_integer_value("limit", 1) == 7
    assert client.get_float_value("share", 0.5) == 2.0
    assert client.get_string_value("banner", "none") == "hello"
    assert client.get_object_value("theme", {}) == {"colour": "blue"}
    assert client.get_boolean_details(AGENT, default_value=False).reason == "STATIC"


def test_what_does_not_fit_is_told_in_openfeatures_words(client: OpenFeatureClient) -> None:
    assert client.get_string_details(AGENT, "x").error_code == ErrorCode.TYPE_MISMATCH
    assert client.get_string_details("nobody", "x").error_code == ErrorCode.FLAG_NOT_FOUND


def test_the_context_is_sent_as_the_protocol_wants_it(
    client: OpenFeatureClient, server: FlagServer
) -> None:
    since = datetime(2026, 11, 2, tzinfo=UTC)
    context = EvaluationContext("user-7", {"plan": "gold", "since": since, "tags": ["a", "b"]})
    client.get_boolean_value(AGENT, default_value=False, evaluation_context=context)
    sent = {"targetingKey": "user-7", "plan": "gold", "since": since.isoformat()}
    assert server.contexts == [sent | {"tags": ["a", "b"]}]


def test_offline_a_switch_is_off_whatever_the_code_asks_with(
    client: OpenFeatureClient, server: FlagServer
) -> None:
    server.online = False
    found = client.get_boolean_details(AGENT, default_value=True)
    assert (found.value, found.reason) == (False, "STALE")
