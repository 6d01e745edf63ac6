"""The synchronous client."""

from collections.abc import Iterator, Sequence
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
from gatehouse_sdk._tokens import Token, TokenSource
from gatehouse_sdk._transport import HttpTransport
from gatehouse_sdk._wire import JsonObject, Transport

T = TypeVar("T")


class Client:
    """Runs agents through a gatehouse; one client serves any number of threads, also after a fork.

    The base URL and the token are looked for in this order:

    1. the argument,
    2. the environment: ``GATEHOUSE_BASE_URL`` and ``GATEHOUSE_TOKEN``,
    3. neither: ``MalformedRequest`` says what is missing.

    Args:
        base_url: where the gatehouse is; ``http`` only for this machine.
        token: a bearer token, or a function that fetches one. The function is called once, and
            again when the server no longer accepts what it gave, by one thread at a time.
        workflow: the tag under which runs are charged, unless a call names another.
        limits: deadlines, and the most attempts.
        hooks: what to tell about requests, retries and errors.
        transport: carries the requests; by default the standard library does.
        clock: time and chance, for tests.

    Example:
        >>> with Client("https://eu.gatehouse.example", token) as client:  # doctest: +SKIP
        ...     outcome = client.run("ticket_summary", {"messages": [...]})
        ...     print(outcome.output["summary"])
    """

    def __init__(
        self,
        base_url: str | None = None,
        token: TokenSource | None = None,
        *,
        workflow: str | None = None,
        limits: Limits | None = None,
        hooks: Hooks | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._token = Token(find_token(token))
        self._transport = transport or HttpTransport()
        self.session = Session(
            base_url=find_base_url(base_url),
            hooks=hooks or Hooks(),
            clock=clock or Clock(),
            limits=limits or Limits(),
            token_renewable=self._token.renewable,
            workflow=workflow,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the client may be used again and opens new ones."""
        self._transport.close()

    def run(
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
        """Run an agent and wait for its outcome.

        Args:
            agent: its name.
            given: its input, as its contract says.
            idempotency_key: names the intent. Give your own (an order's number, a click's id) when
                the same intent may come again later; else one is minted for this call's attempts.
            workflow: the tag under which this run is charged.
            cache_control: ``no-cache`` for a fresh answer, ``no-store`` to keep none either.
            traceparent: W3C trace context that this run belongs to.
            deadline_seconds: how long it may take, with all attempts and pauses.

        Raises:
            GatehouseError: one class for each problem; ``docs/errors.md`` explains them.
        """
        wishes = Wishes(
            key=idempotency_key,
            workflow=workflow or self.session.workflow,
            cache_control=cache_control,
            traceparent=traceparent,
        )
        return self.send(_calls.run(agent, given, wishes), deadline_seconds=deadline_seconds)

    def run_async(
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
        return self.send(_calls.run_async(agent, given, wishes), deadline_seconds=deadline_seconds)

    def status(self, run_id: str, *, deadline_seconds: float | None = None) -> Run:
        """Where a run stands that is done later."""
        return self.send(_calls.status(run_id), deadline_seconds=deadline_seconds)

    def watch(self, run: Run | str, *, deadline_seconds: float = WAIT_SECONDS) -> Iterator[Run]:
        """A run's states until it is over, the first at once.

        Raises:
            TimedOut: it was not over in time; it goes on.
        """
        patience = Patience(self.session.clock, deadline_seconds)
        run = self.status(run) if isinstance(run, str) else run
        while run.pending:
            yield run
            self.session.clock.sleep(patience.pause(run))
            run = self.status(run.id, deadline_seconds=self._share(patience))
        yield run

    def wait(self, run: Run | str, *, deadline_seconds: float = WAIT_SECONDS) -> Outcome:
        """The outcome of a run that is done later, when it is over.

        Raises:
            GatehouseError: why it failed, or ``TimedOut``.
        """
        *_, last = self.watch(run, deadline_seconds=deadline_seconds)
        return outcome_of(last)

    def batch(
        self,
        agent: str,
        inputs: Sequence[Json],
        *,
        keys: Sequence[str | None] | None = None,
        workflow: str | None = None,
        deadline_seconds: float | None = None,
    ) -> list[BatchResult]:
        """Run an agent on up to 25 small inputs in one request; each has its own result.

        Raises:
            GatehouseError: the request as a whole failed; an item's error is in its result.
        """
        call = _calls.batch(agent, inputs, keys, workflow or self.session.workflow)
        return self.send(call, deadline_seconds=deadline_seconds)

    def publish(
        self,
        events: Json | Sequence[Json],
        *,
        workflow: str | None = None,
        deadline_seconds: float | None = None,
    ) -> list[Published]:
        """Publish one CloudEvent or up to ten; what lacks an id or a time gets one."""
        tag = workflow or self.session.workflow
        call = _calls.publish(events, self.session.clock.wall(), tag)
        return self.send(call, deadline_seconds=deadline_seconds)

    def agents(self, query: str | None = None) -> list[JsonObject]:
        """The agents of this zone, or those that fit the query."""
        return self.send(_calls.agents(query))

    def agent(self, name: str) -> JsonObject:
        """One agent with the JSON schemas of its contract."""
        return self.send(_calls.agent(name))

    def send(
        self,
        call: Call[T],
        *,
        limits: Limits | None = None,
        deadline_seconds: float | None = None,
    ) -> T:
        """For add-ons such as the queue: lead a call that was made before to its end."""
        bounds = limits_with(limits or self.session.limits, deadline_seconds)
        steps = Exchange(call, self.session, bounds).steps()
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                result: T = done.value
                return result
            answer = self._perform(step)

    def _perform(self, step: NeedToken | Send | Pause) -> object:
        match step:
            case NeedToken(refused):
                return self._token.get(refused)
            case Pause(seconds):
                self.session.clock.sleep(seconds)
            case Send(request, timeout_seconds):
                try:
                    return self._transport.send(request, timeout_seconds)
                except ConnectionFailed as error:
                    return error
        return None

    def _share(self, patience: Patience) -> float:
        return min(self.session.limits.deadline_seconds, patience.left())
