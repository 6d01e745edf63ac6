"""Writes one line for each run, however it ended, before its reply leaves.

The stage stands outside all rules, so that a run that one of them refuses has its line as well. A
line that cannot be kept is told of by its store; only an agent that says so loses its reply to it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from functions.domain.agent import AgentManifest
from functions.domain.audit import AuditLine
from functions.domain.audit_lines import Ended, Site, done, not_done, of_run
from functions.domain.errors import StoreUnavailable
from functions.domain.run import Run
from functions.pipeline.chain import Check, Out
from functions.pipeline.ports import Agents, AuditTrail


def audit(agents: Agents, trail: AuditTrail, site: Site, now: Callable[[], datetime]) -> Check:
    """Tell the trail how the run ended."""

    def stage(run: Run, proceed: Callable[[Run], Out]) -> Out:
        manifest = _manifest(agents, run.agent)

        def told(end: Ended) -> list[AuditLine]:
            return [of_run(run, manifest, end, site, now())]

        try:
            result = proceed(run)
        except BaseException as error:
            hand_over(trail, told(not_done(error)))
            raise
        if manifest and manifest.audit.required:
            trail.write(told(done(result, run)))
        else:
            hand_over(trail, told(done(result, run)))
        return result

    return stage


def hand_over(trail: AuditTrail, lines: Sequence[AuditLine]) -> None:
    """Write lines for which no reply is withheld: if they are lost, the trail raises the alarm."""
    try:
        trail.write(lines)
    except StoreUnavailable:
        return


def _manifest(agents: Agents, name: str) -> AgentManifest | None:
    try:
        return agents(name).manifest
    except LookupError:
        return None
