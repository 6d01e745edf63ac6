"""What the function behind one agent's queue is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from functions import agents, config
from functions.adapters.pace import DynamoPace
from functions.bootstrap.clients import dynamodb, mailbox, publisher, records
from functions.bootstrap.runs import run_parts
from functions.bootstrap.surroundings import UNPREDICTABLE, now
from functions.domain.agent import AgentManifest
from functions.domain.audit_lines import Site
from functions.domain.team import Teams
from functions.pipeline.chain import Proceed
from functions.pipeline.ports import AuditTrail, Mailbox, Pace, Publisher, Records, Telemetry
from functions.pipeline.run import pipeline
from functions.settings import QueueSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What the function behind one agent's queue needs."""

    manifest: AgentManifest
    runs: Proceed
    records: Records
    publisher: Publisher
    mailbox: Mailbox
    pace: Pace
    telemetry: Telemetry
    trail: AuditTrail
    site: Site
    teams: Teams
    source: str
    """Where the events that it answers with come from."""
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    """Evenly between 0 and 1."""


@cache
def queue_parts() -> Queue:
    """The queue function's parts, for the agent of its bundle."""
    settings = QueueSettings.from_env()
    parts = run_parts(settings)
    return Queue(
        manifest=agents.load(settings.agent).manifest,
        runs=pipeline(parts),
        records=records(settings),
        publisher=publisher(settings.topic_arn),
        mailbox=mailbox(settings),
        pace=DynamoPace(settings.pace_table, dynamodb(), now),
        telemetry=parts.telemetry,
        trail=parts.trail,
        site=Site(settings.zone, settings.region),
        teams=config.teams(),
        source=f"/gatehouse/{settings.zone}/{settings.agent}",
        now=now,
        jitter=UNPREDICTABLE.random,
    )
