"""One process of the soak: enqueues its operations and flushes, and may be killed at any moment.

``python -m gatehouse_soak.worker FILE URL FIRST LAST STEP``. An operation is an intent with a
name, as a click or an order is, so a worker that is started again may enqueue it again.
"""

import sys
import time
from pathlib import Path

from gatehouse_sdk import Client, Limits
from gatehouse_sdk.queue import Queue, QueueLimits

MOST_WAITING = 200
"""Below the queue's 1,000, so that nothing is dropped because it is full."""
LEASE_SECONDS = 3.0


def main(path: str, url: str, first: int, last: int, step: int) -> None:
    progress = Path(f"{path}.{first}")
    done = int(progress.read_text()) if progress.exists() else first
    limits = Limits(attempt_timeout_seconds=1)
    tokens = iter(range(sys.maxsize))
    with (
        Client(url, lambda: f"token-{next(tokens)}", limits=limits) as client,
        Queue(path, client, limits=QueueLimits(lease_seconds=LEASE_SECONDS)) as queue,
    ):
        queue.start(interval_seconds=0.05)
        for operation in range(done, last, step):
            name = f"op-{operation}"
            queue.enqueue("ticket_summary", {"operation": name}, idempotency_key=name)
            if operation % 16 == first % 16:
                _remember(progress, operation)
                while len(queue.waiting()) > MOST_WAITING:
                    time.sleep(0.02)
        while queue.waiting():
            time.sleep(0.05)


def _remember(progress: Path, operation: int) -> None:
    """Whole or not at all, whenever the kill comes."""
    draft = progress.with_suffix(f"{progress.suffix}-new")
    draft.write_text(str(operation))
    draft.replace(progress)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *(int(argument) for argument in sys.argv[3:6]))
