"""Writes one line for each run, however it ended, before its reply leaves.

The stage stands outside all rules, so that a run that one of them refuses has its line as well. A
line that cannot be kept is told of by its store; only an agent that says so loses its reply to it.
"""

from collections.abc import Callable
from datetime import datetime

from functions.domain.agent import AgentManifest
from functions.domain.audit_lines import Ended, Site, done, not_done, of_run
from functions.domain.errors import StoreUnavailable
from functions.domain.run import Run
from functions.pipeline.chain import Check, Out
from functions.pipeline.ports import Agents, AuditTrail


def audit(agents: Agents, trail: AuditTrail, site: Site, now: Callable[[], datetime]) -> Check:
    """Tell the trail how the run ended."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        def write(end: Ended) -> None:
            trail.write([of_run(run, _manifest(agents, run.agent), end, site, now())])

        try:
            result = proceed(run)
        except BaseException as error:
            end = not_done(error)
            _unless_away(lambda: write(end))
            raise
        if _is_required(agents, run.agent):
            write(done(result, run))
        else:
            _unless_away(lambda: write(done(result, run)))
        return result

    return stage


def _unless_away(write: Callable[[], None]) -> None:
    """The trail itself has raised the alarm, and there is no reply to withhold for it."""
    try:
        write()
    except StoreUnavailable:
        return


def _is_required(agents: Agents, name: str) -> bool:
    manifest = _manifest(agents, name)
    return bool(manifest and manifest.audit.required)


def _manifest(agents: Agents, name: str) -> AgentManifest | None:
    try:
        return agents(name).manifest
    except LookupError:
        return None
