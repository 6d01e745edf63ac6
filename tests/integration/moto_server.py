"""A moto server on a free loopback port, for tests that need AWS over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from tests.unit.local.assemblies import ACCOUNT


@contextmanager
def moto_server() -> Iterator[str]:
    """Its URL; everything in it belongs to the account of the hand-written assemblies."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()
