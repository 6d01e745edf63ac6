"""Runs the endpoint as a process of its own: ``python -m local.model --port 0 --model VALUE``.

Once it is ready it writes one line of JSON to standard output, and never anything else:
``{"url": "http://127.0.0.1:41231", "model": "smollm2-135m-instruct-q4_1", "demo": true}``.
A model or a port that cannot be had ends it with status 2 and the reason on standard error.
SIGTERM and SIGINT end it with status 0, in the middle of a generation too.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from functools import partial

from local.model.backends import About
from local.model.choose import choose
from local.model.errors import ChoiceError
from local.model.server import ModelServer

_CANNOT_START = 2


def main() -> int:
    """Choose, serve until told to stop, let go."""
    parser = argparse.ArgumentParser(prog="python -m local.model")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--model", default=os.environ.get("GATEHOUSE_MODEL"), help="see choose.py")
    given = parser.parse_args()
    try:
        backend = choose(given.model)
    except ChoiceError as error:
        sys.stderr.write(f"GATEHOUSE_MODEL: {error}\n")
        return _CANNOT_START
    # uvicorn takes these signals while it serves and raises them again when it has stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        server = ModelServer(backend, given.port, partial(_announce, backend.about))
    except OSError as error:
        asyncio.run(backend.aclose())
        sys.stderr.write(f"port {given.port} cannot be had ({error.strerror}): give another.\n")
        return _CANNOT_START
    server.run_until_stopped()
    return 0


def _announce(about: About, url: str) -> None:
    print(json.dumps({"url": url, "model": about.model, "demo": about.demo}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
