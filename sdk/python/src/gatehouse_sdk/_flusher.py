"""A thread that empties the queue in the background, in each process that uses it."""

import logging
from collections.abc import Callable
from threading import Event, Thread


class Flusher:
    """Calls ``flush`` at intervals, and at once when it is woken."""

    def __init__(self, flush: Callable[[], object], interval_seconds: float) -> None:
        self._flush = flush
        self._interval = interval_seconds
        self._woken = Event()
        self._stopped = False
        self._thread = Thread(target=self._work, name="gatehouse-queue", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Let the call that is on its way end, and begin no other."""
        self._stopped = True
        self._woken.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped:
            try:
                self._flush()
            except Exception:  # the disk, the token's callback or the host's: all may recover
                log = logging.getLogger("gatehouse_sdk")
                log.warning("the queue could not be flushed", exc_info=True)
            self._woken.wait(self._interval)
            self._woken.clear()
