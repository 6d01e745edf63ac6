"""Spans that wait to be exported: never for longer than a bound, and never at a run's cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from functions.adapters.otel import OtelProvider
from functions.adapters.outbox import LONGEST_PAUSE_SECONDS, MARGIN_SECONDS, MOST_SPANS, Outbox
from functions.domain.run import TraceContext

LEFT = 10.0
UNSAMPLED = TraceContext(f"00-{'1' * 32}-{'2' * 16}-00")


@dataclass
class Endpoint:
    """What was sent, and with how much time; fails or hangs if it is told to."""

    fail: Exception | None = None
    hang: Event | None = None
    rejected: int = 0
    sent: list[list[str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, spans: Sequence[ReadableSpan], seconds: float) -> int:
        self.sent.append([span.name for span in spans])
        self.seconds.append(seconds)
        if self.hang:
            self.hang.wait()
        if self.fail:
            raise self.fail
        return self.rejected


@dataclass
class Office:
    """An outbox with its endpoint, a clock that a test sets, and what was dropped."""

    endpoint: Endpoint = field(default_factory=Endpoint)
    bound_seconds: float = 5.0
    ratio: float = 1.0
    time: float = 1000.0
    dropped: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outbox = Outbox(
            self.endpoint, self.drop, bound_seconds=self.bound_seconds, now=lambda: self.time
        )
        self.provider = OtelProvider({}, self.outbox, sample_ratio=self.ratio)

    def drop(self, count: int, reason: str) -> None:
        self.dropped.append((count, reason))

    def call(self, *names: str, left: float = LEFT) -> None:
        for name in names:
            with self.provider.span(name):
                pass
        self.outbox.flush(left)


def test_what_has_ended_is_sent_once_and_together() -> None:
    office = Office()
    office.call("one", "two")
    office.call("three")
    office.call()
    assert office.endpoint.sent == [["one", "two"], ["three"]]
    assert office.dropped == []


@pytest.mark.parametrize(("left", "given"), [(10.0, 5.0), (1.0, 1.0 - MARGIN_SECONDS)])
def test_it_may_take_as_long_as_its_bound_and_as_is_left(left: float, given: float) -> None:
    office = Office()
    office.call("one", left=left)
    assert office.endpoint.seconds == [given]


def test_a_function_whose_time_is_over_sends_nothing() -> None:
    office = Office()
    office.call("one", left=MARGIN_SECONDS)
    assert (office.endpoint.sent, office.dropped) == ([], [(1, "no-time-left")])


def test_an_endpoint_that_hangs_is_left_behind() -> None:
    answer = Event()
    office = Office(Endpoint(hang=answer), bound_seconds=0.01)
    office.call("one")
    assert office.dropped == [(1, "timeout")]
    office.time += LONGEST_PAUSE_SECONDS
    office.call("two")
    assert office.dropped[1:] == [(1, "still-sending")], "and no second one waits beside it"
    answer.set()


def test_after_a_failure_nothing_is_sent_for_a_while_and_ever_longer() -> None:
    office = Office(Endpoint(fail=ConnectionRefusedError()))
    office.call("one")
    assert office.dropped == [(1, "ConnectionRefusedError")]
    office.call("two")
    assert office.dropped[-1] == (1, "paused")
    for pause in (2.0, 4.0, 8.0):
        office.time += pause - 0.1
        office.call("too early")
        assert office.dropped[-1] == (1, "paused")
        office.time += 0.2
        office.call("again")
        assert office.dropped[-1] == (1, "ConnectionRefusedError")
    assert len(office.endpoint.sent) == 4


def test_the_first_success_ends_the_pauses() -> None:
    office = Office(Endpoint(fail=OSError()))
    office.call("one")
    office.time += LONGEST_PAUSE_SECONDS
    office.endpoint.fail = None
    office.call("two")
    office.call("three")
    assert office.endpoint.sent == [["one"], ["two"], ["three"]]


def test_what_a_collector_does_not_want_is_counted() -> None:
    office = Office(Endpoint(rejected=2))
    office.call("one", "two", "three")
    assert office.dropped == [(2, "rejected")]


def test_a_call_keeps_so_many_spans_and_no_more() -> None:
    office = Office()
    office.call(*["span"] * (MOST_SPANS + 3))
    assert [len(names) for names in office.endpoint.sent] == [MOST_SPANS]
    assert office.dropped == [(3, "overflow")]


def test_a_trace_that_is_not_sampled_is_not_sent() -> None:
    office = Office(ratio=0.0)
    office.call("one")
    with office.provider.span("theirs", UNSAMPLED):
        pass
    office.call()
    assert (office.endpoint.sent, office.dropped) == ([], [])


def test_a_trace_in_which_something_fails_is_sent_whatever_was_drawn() -> None:
    office = Office(ratio=0.0)
    with office.provider.span("bad"), office.provider.span("inner") as inner:
        inner.fail("out-of-time")
    office.call("good")
    assert office.endpoint.sent == [["inner", "bad"]]
