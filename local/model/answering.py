"""Getting an answer: calls wait their turn, and work stops when nobody waits for it any more."""

import asyncio
import time
from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from starlette.requests import Request

from local.model.backends import Backend, Reply
from local.model.errors import BedrockError, EndpointStopping
from local.model.generation import Call, Event, Generation
from local.model.metering import Meter

Found = TypeVar("Found")


class CallerLeft(Exception):
    """Nobody waits for the reply any more."""


class Answering:
    """One backend and the queue before it, first come, first served."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.meter = Meter()
        self._turns = asyncio.Semaphore(backend.about.concurrency)
        self._stopping = asyncio.Event()

    async def reply(self, call: Call) -> Reply:
        """Answer when it is this call's turn; a finished generation carries its latency."""
        async with self._turns:
            started = time.perf_counter()
            async with aclosing(self.backend.generate(call)) as reply:
                async for item in reply:
                    self._meter(call, item)
                    yield _timed(item, started) if isinstance(item, Generation) else item

    def _meter(self, call: Call, item: str | Event | Generation) -> None:
        """An answer has its usage in its end, and a stream of Bedrock's own in its last event."""
        if isinstance(item, Generation):
            self.meter.count(call.model_id, item.usage)
        elif isinstance(item, Event) and item.kind == "metadata":
            self.meter.count(call.model_id, item.payload.get("usage", {}))

    async def whole(self, call: Call) -> Generation:
        """Answer in one piece."""
        async with aclosing(self.reply(call)) as reply:
            async for item in reply:
                if isinstance(item, Generation):
                    return item
        raise BedrockError("ModelErrorException", "The model ended without an answer.")

    async def wait_for(self, work: Awaitable[Found], request: Request) -> Found:
        """Wait for work, but not after the caller has left or the endpoint stops."""
        working = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(_disconnected(request))
        stopping = asyncio.ensure_future(self._stopping.wait())
        everything = {working, leaving, stopping}
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise EndpointStopping if stopping.done() else CallerLeft
        finally:
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

    async def aclose(self) -> None:
        """Give up all work in flight, then let go of the model."""
        self._stopping.set()
        await self.backend.aclose()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _timed(generation: Generation, started: float) -> Generation:
    if generation.latency_ms is not None:
        return generation
    return replace(generation, latency_ms=round((time.perf_counter() - started) * 1000))
