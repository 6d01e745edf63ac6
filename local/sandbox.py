"""One execution environment: a worker process under the real Lambda runtime client.

The process sees what a function sees on AWS and nothing else of this machine: the standard library,
its bundle, its layers and the runtime's boto3, and an environment made of the template's variables,
Lambda's own and the endpoints that play AWS.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from time import monotonic

from local import children, invocation
from local.aws import CREDENTIALS
from local.clock import MACHINE, WorkerClock
from local.functions import Function
from local.invocation import Invocation, Reply
from local.logs import Write
from local.runtime_api import RuntimeApi

INIT_SECONDS = 60.0
"""Deviation from AWS: a function there gets 10 seconds to load; a busy laptop is slower."""


@dataclass(frozen=True)
class Host:
    """What this machine brings to every worker."""

    region: str
    runtime: Path
    """The folder that plays Lambda's runtime: awslambdaric and boto3."""
    endpoints: Mapping[str, str]
    """The variables that point AWS clients at what plays AWS."""
    bytecode: Path
    """Where Python keeps what it compiled: bundles are never written to."""


class Sandbox:
    """A worker process; it serves one invocation at a time and ends for good when it fails."""

    def __init__(self, function: Function, host: Host, write: Write, clock: WorkerClock) -> None:
        self._function = function
        self._write = write
        self._api = RuntimeApi(function.timeout_seconds, clock.now)
        self._child = children.start(
            *clock.entry,
            function.handler,
            env=environment(function, host, self._api.address, clock),
            # No site-packages, no working directory on the path: the bundle must be complete.
            options=("-S", "-P", "-X", f"pycache_prefix={host.bytecode}"),
            cwd=function.bundle,
        )
        self._threads = [Thread(target=t, daemon=True) for t in (self._copy_output, self._watch)]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.process.poll() is None

    def invoke(self, call: Invocation) -> Reply:
        """Have the worker serve one call; a worker that overruns its time is killed."""
        problem = self._api.wait_until_ready(INIT_SECONDS)
        if problem is not None:
            self.stop()
            return problem
        self._write(f"START RequestId: {call.request_id}")
        began = monotonic()
        self._api.give(call)
        reply = self._api.wait_for_reply(self._function.timeout_seconds) or self._end(call)
        milliseconds = (monotonic() - began) * 1000
        self._write(f"END RequestId: {call.request_id} Duration: {milliseconds:.2f} ms")
        return reply

    def stop(self) -> None:
        """End the process, and wait until all that it printed is written."""
        self._child.kill()
        for thread in self._threads:
            thread.join()

    def _end(self, call: Invocation) -> Reply:
        if not self.alive:
            reply = invocation.exited(call.request_id, self._child.wait())
        else:
            self._child.kill()
            reply = invocation.timed_out(call.request_id, self._function.timeout_seconds)
        self._write(reply.json()["errorMessage"])
        return reply

    def _copy_output(self) -> None:
        with self._child.output as output:
            for line in iter(partial(output.readline), b""):
                # The runtime's client puts an error on one line, with carriage returns in it.
                self._write(line.decode(errors="replace").rstrip().replace("\r", "\n  "))

    def _watch(self) -> None:
        self._child.wait()
        self._api.close()


def environment(
    function: Function, host: Host, runtime_api: str, clock: WorkerClock = MACHINE
) -> dict[str, str]:
    """All that a worker's environment holds."""
    level = function.logging.get("ApplicationLogLevel")
    path = (function.bundle, *function.layers, host.runtime, *clock.path)
    return {
        **function.environment,
        **host.endpoints,
        # Deviation from AWS: under SnapStart credentials come from an endpoint, not from variables.
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": host.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "1" if function.snap_start else "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if function.snap_start else "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.logging.get("LogFormat", "Text"),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logging.get("LogGroup", f"/aws/{function.name}"),
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": host.region,
        # boto3 must not find the developer's own accounts in their home folder.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "LAMBDA_RUNTIME_DIR": str(host.runtime),
        "LAMBDA_TASK_ROOT": str(function.bundle),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        **({"AWS_LAMBDA_LOG_LEVEL": level} if level else {}),
    }
