"""Tiny functions for the local runner's own tests, as bundles in a folder."""

import sysconfig
import textwrap
from collections.abc import Callable
from pathlib import Path

from local.functions import Catalogue, Function
from local.logs import Logs
from local.sandbox import Host
from local.workers import Workers

REGION = "eu-central-1"
ARN = f"arn:aws:lambda:{REGION}:111122223333:function:tiny"
LIVE = f"{ARN}:live"

CODE = """
import json, os, signal, sys, time

def handler(event, context):
    print("asked for", event)
    return globals()[event["do"]](event, context)

def echo(event, context):
    return event

def look(event, context):
    return {
        "arn": context.invoked_function_arn,
        "environment": dict(os.environ),
        "left_ms": context.get_remaining_time_in_millis(),
        "now": time.time(),
        "path": sys.path,
        "pid": os.getpid(),
        "request_id": context.aws_request_id,
    }

def fail(event, context):
    raise ValueError("no such thing")

def sleep(event, context):
    if "begun" in event:
        open(event["begun"], "w").close()
    time.sleep(event["seconds"])

def leave(event, context):
    os._exit(event["code"])

def die(event, context):
    os.kill(os.getpid(), signal.SIGKILL)

def fill(event, context):
    return "x" * event["bytes"]
"""


def write_bundle(folder: Path, code: str = CODE) -> Path:
    """A bundle with one module, ``app``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(textwrap.dedent(code))
    return folder


def tiny(bundle: Path, timeout_seconds: int = 20) -> Function:
    return Function(
        name="tiny",
        arn=ARN,
        handler="app.handler",
        runtime="python3.13",
        bundle=bundle,
        layers=(),
        timeout_seconds=timeout_seconds,
        memory_mb=256,
        environment={"GREETING": "hello"},
        logging={},
        snap_start=True,
    )


def workers(
    function: Function,
    state: Path,
    *,
    environments: int = 1,
    read: Callable[[], Function] | None = None,
) -> Workers:
    """Workers for one function, with this environment's own packages for a runtime."""
    host = Host(
        region=REGION,
        runtime=Path(sysconfig.get_path("purelib")),
        endpoints={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        bytecode=state / "bytecode",
    )
    manifest = state / "manifest.json"
    manifest.touch()
    logs = Logs(state / "logs")
    catalogue = Catalogue(manifest, lambda: [read() if read else function], logs.writer("tiny"))
    return Workers(catalogue, host, logs, environments=environments)
