"""Keeps a team whose money runs low to its agents' cheap models.

The books say whether a limit is downgraded, when they refuse a promise to any other model. That is
known then for half a minute, so that a run pays for the refusal only now and then; a lifted
downgrade is noticed as late.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.domain.agent import AgentManifest
from functions.domain.restriction import Downgraded
from functions.domain.run import Run
from functions.pipeline.calls import Ask, Governors, governed
from functions.pipeline.ports import Answer, Question
from functions.pipeline.stopwatch import Stopwatch

KNOWN = timedelta(seconds=30)
Limited = tuple[str, str, str]
"""Team, agent and workflow: each may have a limit."""


class Thrift:
    """Who was downgraded when the books last said so; one for all runs of a function."""

    def __init__(self) -> None:
        self._until: dict[Limited, datetime] = {}

    def applies(self, run: Run, now: datetime) -> bool:
        until = self._until.get(_limited(run))
        return until is not None and now < until

    def note(self, run: Run, now: datetime) -> None:
        known = {limited: until for limited, until in self._until.items() if now < until}
        self._until = {**known, _limited(run): now + KNOWN}


def thrifty(
    run: Run, manifest: AgentManifest, zone: str, by: Governors, thrift: Thrift, watch: Stopwatch
) -> Ask:
    """The way to a model's answer: the agent's models, or its cheap one where no other is paid."""
    cheap = manifest.cheap_model(zone)
    usual = governed(run, manifest, manifest.models[zone], by, watch)
    # Nothing dearer is behind it: a fallback to it would undo the downgrade.
    saving = governed(run, manifest, (cheap,), by, watch)

    def ask(question: Question) -> Answer:
        if not (run.meter.downgraded or thrift.applies(run, by.now())):
            try:
                return usual(question)
            except Downgraded:
                thrift.note(run, by.now())
        run.meter.downgraded = True
        return saving(replace(question, model=cheap))

    return ask


def _limited(run: Run) -> Limited:
    return run.team.name, run.agent, run.workflow
