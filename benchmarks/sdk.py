"""What a product pays for embedding the Python client: import, construction, memory, one call."""

import os
import subprocess
import sys
from pathlib import Path

import gatehouse_sdk
from benchmarks.measure import cpu_of, cpu_per_call
from benchmarks.report import Figure
from gatehouse_sdk import Client, Reply, Request

SOURCE = Path(gatehouse_sdk.__file__).parents[1]
LIMIT_CPU_MS, LIMIT_MB = 100.0, 25.0
FLOOR = "import http.client, json, ssl, dataclasses, email.utils"
CONSTRUCT = "from gatehouse_sdk import Client; Client('https://gatehouse.test', 'token')"
EVERYTHING = (
    f"{CONSTRUCT}; import tempfile; from gatehouse_sdk import AsyncClient;"
    "from gatehouse_sdk.queue import Queue; from gatehouse_sdk.context import Conversation"
)
MEMORY = "; print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"


def figures() -> list[Figure]:
    """Beside the floor: the modules of the standard library that any HTTP client must load."""
    floor_ms, floor_mb = cpu_of(FLOOR, []), _memory_mb(FLOOR)
    cpu_ms, memory_mb = cpu_of(CONSTRUCT, [SOURCE]), _memory_mb(CONSTRUCT)
    return [
        Figure("Python SDK: import and construct", cpu_ms, "CPU ms", floor_ms),
        Figure("Python SDK: the same beside its limit", cpu_ms, "CPU ms", LIMIT_CPU_MS),
        Figure("Python SDK: with asyncio, queue and context", _all_ms(), "CPU ms", floor_ms),
        Figure("Python SDK: import and construct, at its peak", memory_mb, "MB", floor_mb),
        Figure("Python SDK: the same beside its limit", memory_mb, "MB", LIMIT_MB),
        Figure("Python SDK: one run without a network", _call_ms(), "CPU ms", 1.0),
    ]


def _all_ms() -> float:
    return cpu_of(EVERYTHING, [SOURCE])


def _call_ms() -> float:
    body = b'{"id": "run_1", "agent": "ticket_summary", "output": {"summary": "Late."}}'

    class Instant:
        def send(self, _request: Request, _timeout_seconds: float) -> Reply:
            return Reply(200, {}, body)

        def close(self) -> None:
            """Nothing is open."""

    client = Client("https://gatehouse.test", "token", transport=Instant())
    given = {"messages": [{"role": "customer", "text": "Where is my order?"}]}
    return cpu_per_call(lambda: client.run("ticket_summary", given), times=2_000, warm_up=200)


def _memory_mb(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code + MEMORY],
        env={"PYTHONPATH": str(SOURCE), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) / 1000
