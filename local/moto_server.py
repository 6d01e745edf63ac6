"""moto's own application behind a server that keeps connections, as AWS does.

moto's development server closes every connection, which costs both sides as much as the call
itself. Its transactions are isolated here, and it can be told to fail.
"""

import os
import sys

import waitress
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local.faults import Faults
from local.transactions import isolate, know_tokens

THREADS = 64
"""Each poller that waits for messages holds one."""


def serve(host: str, port: int) -> None:
    """Serve until the process is ended."""
    os.environ["MOTO_PORT"] = str(port)  # moto writes it into the URLs of queues
    isolate()
    know_tokens()
    application = Faults(DomainDispatcherApplication(create_backend_app))
    waitress.serve(application, host=host, port=port, threads=THREADS, ident=None, _quiet=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
