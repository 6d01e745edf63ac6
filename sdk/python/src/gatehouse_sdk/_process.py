"""What may not cross a fork: locks that another thread held, sockets and database handles."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """One value for each process: a child makes its own and leaves its parent's alone."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[int, T] = {}

    def get(self) -> T:
        process = os.getpid()
        value = self._values.get(process)
        # `setdefault` is atomic: of two threads that make one, both get the first.
        return self._values.setdefault(process, self._make()) if value is None else value

    def take(self) -> T | None:
        """Give up this process's value, if there is one."""
        return self._values.pop(os.getpid(), None)
