"""How long each stage of a run takes, without the stages inside it."""

from datetime import timedelta

import pytest

from functions.domain.run import Meter
from functions.pipeline.stopwatch import Stopwatch
from tests import fakes


class Clock:
    def __init__(self) -> None:
        self.time = fakes.NOW

    def now(self):
        return self.time

    def passes(self, millis: int) -> None:
        self.time += timedelta(milliseconds=millis)


def test_a_stage_s_time_is_its_own():
    clock, meter, telemetry = Clock(), Meter(), fakes.FakeTelemetry()
    stopwatch = Stopwatch(telemetry, clock.now)
    with stopwatch.stage("access", meter):
        clock.passes(3)
        for _ in range(2):
            with stopwatch.stage("agent", meter):
                clock.passes(10)
                with stopwatch.alone("model", meter):
                    clock.passes(100)
        clock.passes(4)
    assert meter.stages == {"access": 7.0, "agent": 20.0, "model": 200.0}
    assert [span.attributes["name"] for span in telemetry.spans] == ["access", "agent", "agent"]


def test_a_stage_that_fails_took_its_time_too():
    clock, meter = Clock(), Meter()
    stopwatch = Stopwatch(fakes.FakeTelemetry(), clock.now)

    def fail() -> None:
        clock.passes(5)
        raise KeyError

    with stopwatch.stage("outer", meter):
        with pytest.raises(KeyError), stopwatch.stage("inner", meter):
            fail()
        clock.passes(2)
    assert meter.stages == {"outer": 2.0, "inner": 5.0}
