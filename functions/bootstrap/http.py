"""What the function behind the API is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from functions.bootstrap.clients import publisher, records
from functions.bootstrap.runs import run_parts
from functions.bootstrap.surroundings import now
from functions.domain.audit_lines import Site
from functions.domain.record import RunRecord
from functions.domain.run import Run
from functions.pipeline.accept import keep_and_announce
from functions.pipeline.chain import Proceed
from functions.pipeline.ports import AuditTrail, Publisher, Records, Switches, Telemetry
from functions.pipeline.run import acceptance, pipeline
from functions.settings import HttpSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """What the function behind the API needs."""

    runs: Proceed
    """Does a run now, with every agent of its bundle."""
    accept: Callable[[Run], RunRecord]
    """Has a run done later."""
    records: Records
    publisher: Publisher
    telemetry: Telemetry
    switches: Switches
    trail: AuditTrail
    site: Site
    now: Callable[[], datetime]


@cache
def http_parts() -> Http:
    settings = HttpSettings.from_env()
    parts = run_parts(settings)
    kept, topic = records(settings), publisher(settings.topic_arn)
    announce = keep_and_announce(kept, topic, f"/gatehouse/{settings.zone}/runs")
    return Http(
        runs=pipeline(parts),
        accept=acceptance(parts, announce),
        records=kept,
        publisher=topic,
        telemetry=parts.telemetry,
        switches=parts.switches,
        trail=parts.trail,
        site=Site(settings.zone, settings.region),
        now=now,
    )
