"""Makes the audit trail's lines out of runs, events and what operators do."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from functions.domain.agent import AgentManifest
from functions.domain.audit import AuditLine, Decision, Rules, Who
from functions.domain.errors import (
    AgentSwitchedOff,
    BudgetExhausted,
    CallerError,
    EventLoop,
    GatehouseError,
)
from functions.domain.event import Event
from functions.domain.names import RunId
from functions.domain.personal_data.entities import EntityType
from functions.domain.run import Outcome, Run
from functions.domain.team import Caller, Team

DIGEST_CHARACTERS = 16
UNREAD = "unread"
"""Who sent a message that is no event."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run or an event ended."""

    decision: Decision
    reason: str | None = None
    replay_of: RunId | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Where lines are written."""

    zone: str
    region: str


def done(result: object, run: Run) -> Ended:
    """What came of a run that was let in: an outcome, or the record of one that is done later."""
    if not isinstance(result, Outcome):
        return Ended("accepted")
    if result.replayed:
        return Ended("replayed", replay_of=result.id)
    match run.meter.cache:
        case "hit":
            return Ended("cached")
        case "stale":
            return Ended("stale")
    return Ended("answered")


def not_done(error: BaseException) -> Ended:
    """A rule of ours said no, or something broke."""
    reason = error.slug if isinstance(error, GatehouseError) else GatehouseError.slug
    by_rule = isinstance(error, CallerError | AgentSwitchedOff | EventLoop)
    return Ended("refused" if by_rule else "failed", reason)


def of_run(
    run: Run, manifest: AgentManifest | None, end: Ended, site: Site, at: datetime
) -> AuditLine:
    """A run, with what is known of it when it has ended."""
    meter = run.meter
    return AuditLine(
        **_frame(site, at),
        kind="run",
        who=_who(run.caller, manifest.roles if manifest else ()),
        channel=run.channel,
        decision=end.decision,
        reason=end.reason,
        rules=_rules(run, manifest, end),
        run=run.id,
        replay_of=end.replay_of,
        trace=run.trace.trace_id if run.trace else None,
        request=run.request_id,
        event=run.idempotency_key if run.channel == "event" else None,
        workflow=run.workflow,
        agent=run.agent,
        version=manifest.version if manifest else None,
        models=tuple(dict.fromkeys(call.model for call in meter.calls)),
        answered_by=meter.answered_by,
        redactions={EntityType(kind): n for kind, n in run.placeholders.counts().items()},
        cost_micro_usd=meter.cost_micro_usd,
    )


def of_event(
    event: Event | None, caller: Caller, role: str, end: Ended, site: Site, at: datetime
) -> AuditLine:
    """An event that somebody wanted to publish; none if it could not be read as one."""
    told = (
        {"event": event.key, "event_type": event.type, "workflow": event.workflow} if event else {}
    )
    return AuditLine.model_validate(
        {
            **_frame(site, at),
            "kind": "event",
            "who": _who(caller, (role,)),
            "channel": "http",
            "decision": end.decision,
            "reason": end.reason,
            # What was not published may say anything there.
            "rules": Rules(
                contract=event.dataschema if event and end.decision == "published" else None
            ),
            "trace": event.traceparent.split("-")[1] if event and event.traceparent else None,
            **told,
        }
    )


def of_message(
    event: Event | None,
    team: Team | None,
    manifest: AgentManifest,
    end: Ended,
    site: Site,
    at: datetime,
) -> AuditLine:
    """A message that led to no run. A team or a type that somebody made up is not written down."""
    heard = event if event and event.type in manifest.consumes else None
    return AuditLine(
        **_frame(site, at),
        kind="event",
        who=Who(
            subject=event.source if event else UNREAD,
            team=team.name if team else None,
            zone=team.zone if team else None,
        ),
        channel="event",
        decision=end.decision,
        reason=end.reason,
        rules=Rules(manifest=digest(manifest), personal_data=digest(manifest.personal_data)),
        trace=event.traceparent.split("-")[1] if event and event.traceparent else None,
        event=event.key if event else None,
        event_type=heard.type if heard else None,
        workflow=heard.workflow if heard else None,
        agent=manifest.name,
        version=manifest.version,
    )


def of_act(
    operator: str, decision: Decision, counts: dict[str, int], site: Site, at: datetime
) -> AuditLine:
    """What an operator did by hand. It does not say whom it was about."""
    return AuditLine(
        **_frame(site, at),
        kind="administration",
        who=Who(subject=operator, zone=site.zone),
        channel="cli",
        decision=decision,
        counts=counts,
    )


def digest(of: BaseModel) -> str:
    """Names a configuration: the same in every function that has the same."""
    # Sets have no order of their own.
    text = json.dumps(of.model_dump(), sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]


def _frame(site: Site, at: datetime) -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "time": at, "zone": site.zone, "region": site.region}


def _who(caller: Caller, asked: Iterable[str]) -> Who:
    return Who(
        subject=caller.subject,
        team=caller.team,
        zone=caller.zone,
        issuer=caller.issuer,
        roles_used=tuple(sorted(caller.roles.intersection(asked))),
    )


def _rules(run: Run, manifest: AgentManifest | None, end: Ended) -> Rules:
    meter = run.meter
    asked_for_money = meter.reservations or end.reason == BudgetExhausted.slug
    limits = run.team.budget.limits(run.agent, run.workflow) if asked_for_money else ()
    return Rules(
        manifest=digest(manifest) if manifest else None,
        personal_data=digest(manifest.personal_data) if manifest else None,
        switched_on=meter.switched_on,
        budget_micro_usd={limit.scope: limit.micro_usd for limit in limits},
        prices_since=tuple(sorted({call.price_since for call in meter.calls})),
    )


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)
