"""Watches the stages of runs: a span for each, and how long it took by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from functions.domain.run import Meter
from functions.pipeline.span_ports import Spans


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """One for all runs; what it measures it writes onto a run's meter."""

    spans: Spans
    now: Callable[[], datetime]

    @contextmanager
    def stage(self, name: str, meter: Meter) -> Iterator[None]:
        """Watch a stage. Its span lasts as long as what is inside it, the meter's time does not."""
        with self.spans.span(name), self.alone(name, meter):
            yield

    @contextmanager
    def alone(self, name: str, meter: Meter) -> Iterator[None]:
        """The meter's time only, for what has a span of its own."""
        outside, meter.inside_millis = meter.inside_millis, 0.0
        began = self.now()
        try:
            yield
        finally:
            took = (self.now() - began).total_seconds() * 1000
            own = took - meter.inside_millis
            meter.stages[name] = meter.stages.get(name, 0.0) + own
            meter.inside_millis = outside + took
