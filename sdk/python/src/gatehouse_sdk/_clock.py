"""Time and chance as one argument, so that a test needs neither."""

import os
import time


class Clock:
    """The clock of this machine."""

    def wall(self) -> float:
        """Seconds since 1970, which other machines and later processes understand."""
        return time.time()

    def elapsed(self) -> float:
        """Seconds that never jump, for deadlines."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        import asyncio  # a quarter of this package's import time, and only some need it

        await asyncio.sleep(seconds)

    def jitter(self) -> float:
        """A number from 0 to 1, another one in each process after a fork."""
        return int.from_bytes(os.urandom(4)) / 2**32
