"""The asynchronous client: the same calls and the same rules, on an event loop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from gatehouse_sdk import _calls
from gatehouse_sdk._calls import Call, Json, Wishes
from gatehouse_sdk._clock import Clock
from gatehouse_sdk._configuration import find_base_url, find_token
from gatehouse_sdk._errors import ConnectionFailed
from gatehouse_sdk._exchange import Exchange, Limits, NeedToken, Pause, Send, Session, limits_with
from gatehouse_sdk._hooks import Hooks
from gatehouse_sdk._patience import WAIT_SECONDS, Patience, outcome_of
from gatehouse_sdk._results import BatchResult, Outcome, Published, Run
from gatehouse_sdk._tokens import AsyncToken, AsyncTokenSource
from gatehouse_sdk._transport import HttpTransport
from gatehouse_sdk._wire import AsyncTransport, JsonObject, Reply, Request, Transport

T = TypeVar("T")
MOST_THREADS = 32


class ThreadedTransport:
    """A synchronous transport whose waiting is done by threads; at most 32 requests at a time."""

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = transport or HttpTransport()
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="gatehouse")

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._transport.send, request, timeout_seconds
        )

    async def close(self) -> None:
        self._transport.close()
        self._threads.shutdown(wait=False)


class AsyncClient:
    """``Client`` for an event loop; it belongs to the loop in which it is first used.

    The arguments are those of ``Client``; the token's function may be a coroutine function. Without
    a transport of your own, threads do the waiting; for many requests at a time give it
    ``gatehouse_sdk.httpx.AsyncHttpxTransport()``.

    Example:
        >>> async with AsyncClient(base_url, token) as client:  # doctest: +SKIP
        ...     outcome = await client.run("ticket_summary", {"messages": [...]})
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: AsyncTokenSource | None = None,
        *,
        workflow: str | None = None,
        limits: Limits | None = None,
        hooks: Hooks | None = None,
        transport: AsyncTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._token = AsyncToken(find_token(token))
        self._transport = transport or ThreadedTransport()
        self.session = Session(
            base_url=find_base_url(base_url),
            hooks=hooks or Hooks(),
            clock=clock or Clock(),
            limits=limits or Limits(),
            token_renewable=self._token.renewable,
            workflow=workflow,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; the client cannot be used again."""
        await self._transport.close()

    async def run(
        self,
        agent: str,
        given: Json,
        *,
        idempotency_key: str | None = None,
        workflow: str | None = None,
        cache_control: str | None = None,
        traceparent: str | None = None,
        deadline_seconds: float | None = None,
    ) -> Outcome:
        """Run an agent and wait for its outcome; see ``Client.run``."""
        wishes = Wishes(
            key=idempotency_key,
            workflow=workflow or self.session.workflow,
            cache_control=cache_control,
            traceparent=traceparent,
        )
        call = _calls.run(agent, given, wishes)
        return await self.send(call, deadline_seconds=deadline_seconds)

    async def run_async(
        self,
        agent: str,
        given: Json,
        *,
        idempotency_key: str | None = None,
        workflow: str | None = None,
        traceparent: str | None = None,
        deadline_seconds: float | None = None,
    ) -> Run:
        """Have an agent run later; ``wait`` for it, or look at its ``status``."""
        wishes = Wishes(
            key=idempotency_key, workflow=workflow or self.session.workflow, traceparent=traceparent
        )
        call = _calls.run_async(agent, given, wishes)
        return await self.send(call, deadline_seconds=deadline_seconds)

    async def status(self, run_id: str, *, deadline_seconds: float | None = None) -> Run:
        """Where a run stands that is done later."""
        return await self.send(_calls.status(run_id), deadline_seconds=deadline_seconds)

    async def watch(
        self, run: Run | str, *, deadline_seconds: float = WAIT_SECONDS
    ) -> AsyncIterator[Run]:
        """A run's states until it is over, the first at once."""
        patience = Patience(self.session.clock, deadline_seconds)
        run = await self.status(run) if isinstance(run, str) else run
        while run.pending:
            yield run
            await self.session.clock.sleep_async(patience.pause(run))
            left = min(self.session.limits.deadline_seconds, patience.left())
            run = await self.status(run.id, deadline_seconds=left)
        yield run

    async def wait(self, run: Run | str, *, deadline_seconds: float = WAIT_SECONDS) -> Outcome:
        """The outcome of a run that is done later, when it is over."""
        states = [state async for state in self.watch(run, deadline_seconds=deadline_seconds)]
        return outcome_of(states[-1])

    async def batch(
        self,
        agent: str,
        inputs: Sequence[Json],
        *,
        keys: Sequence[str | None] | None = None,
        workflow: str | None = None,
        deadline_seconds: float | None = None,
    ) -> list[BatchResult]:
        """Run an agent on up to 25 small inputs in one request; each has its own result."""
        call = _calls.batch(agent, inputs, keys, workflow or self.session.workflow)
        return await self.send(call, deadline_seconds=deadline_seconds)

    async def publish(
        self,
        events: Json | Sequence[Json],
        *,
        workflow: str | None = None,
        deadline_seconds: float | None = None,
    ) -> list[Published]:
        """Publish one CloudEvent or up to ten; what lacks an id or a time gets one."""
        tag = workflow or self.session.workflow
        call = _calls.publish(events, self.session.clock.wall(), tag)
        return await self.send(call, deadline_seconds=deadline_seconds)

    async def agents(self, query: str | None = None) -> list[JsonObject]:
        """The agents of this zone, or those that fit the query."""
        return await self.send(_calls.agents(query))

    async def agent(self, name: str) -> JsonObject:
        """One agent with the JSON schemas of its contract."""
        return await self.send(_calls.agent(name))

    async def send(self, call: Call[T], *, deadline_seconds: float | None = None) -> T:
        """For add-ons: lead a call that was made before to its end."""
        bounds = limits_with(self.session.limits, deadline_seconds)
        steps = Exchange(call, self.session, bounds).steps()
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                result: T = done.value
                return result
            answer = await self._perform(step)

    async def _perform(self, step: NeedToken | Send | Pause) -> object:
        match step:
            case NeedToken(refused):
                return await self._token.get(refused)
            case Pause(seconds):
                await self.session.clock.sleep_async(seconds)
            case Send(request, timeout_seconds):
                try:
                    return await self._transport.send(request, timeout_seconds)
                except ConnectionFailed as error:
                    return error
        return None
