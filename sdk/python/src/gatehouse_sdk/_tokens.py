"""Where the bearer token comes from: fixed, or a callback that is asked as rarely as possible."""

from collections.abc import Awaitable, Callable
from threading import Lock
from typing import Any

from gatehouse_sdk._process import PerProcess

TokenSource = str | Callable[[], str]
AsyncTokenSource = str | Callable[[], str | Awaitable[str]]


class Token:
    """A token that is fetched once, and again when the server refused it, by one thread alone."""

    def __init__(self, source: TokenSource) -> None:
        self._ask: Callable[[], str] = (lambda: source) if isinstance(source, str) else source
        self.renewable = not isinstance(source, str)
        self._token: str | None = None
        self._lock = PerProcess(Lock)

    def get(self, refused: str | None) -> str:
        token = self._token
        if token is not None and token != refused:
            return token
        with self._lock.get():
            if self._token is None or self._token == refused:
                self._token = self._ask()
            return self._token


class AsyncToken:
    """The same for one event loop; its callback may be a coroutine function."""

    def __init__(self, source: AsyncTokenSource) -> None:
        self._ask: Callable[[], Any] = (lambda: source) if isinstance(source, str) else source
        self.renewable = not isinstance(source, str)
        self._token: str | None = None
        import asyncio  # only the asynchronous client pays for it

        self._lock = asyncio.Lock()

    async def get(self, refused: str | None) -> str:
        token = self._token
        if token is not None and token != refused:
            return token
        async with self._lock:
            if self._token is None or self._token == refused:
                asked = self._ask()
                self._token = str(await asked if isinstance(asked, Awaitable) else asked)
            return self._token
