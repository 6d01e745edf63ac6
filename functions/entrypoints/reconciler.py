"""Every night: compares the ledger with Bedrock's own numbers, and counts what came of it.

The schedule asks for yesterday and for its month so far. A person asks for a month, with
``gatehouse reconcile``; that is answered and not counted, so looking twice wakes nobody.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from functions.bootstrap.reconciler import Reconciler, reconciler_parts
from functions.bootstrap.surroundings import begin, logger
from functions.bootstrap.tracing import traced
from functions.domain.ledger import Period
from functions.domain.names import JsonObject
from functions.domain.reconciliation.finding import Finding, overall, settled
from functions.pipeline.reconcile import billed_day, settled_day

SCHEDULED = "Scheduled Event"


class Asked(BaseModel):
    """What a person asks."""

    model_config = ConfigDict(extra="forbid")
    month: Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    exact: bool = False
    """Whether nothing is tolerated."""
    today: bool = False
    """Whether days are looked at, too, of which figures may still be on their way."""


@traced("reconcile")
def handler(event: dict[str, Any], context: LambdaContext) -> JsonObject:
    begin(context)
    return answer(event, reconciler_parts)


def answer(event: dict[str, Any], parts: Callable[[], Reconciler]) -> JsonObject:
    """What the schedule or a person asks for; ``problem`` says what is wrong with a question."""
    if event.get("detail-type") == SCHEDULED:
        return nightly(parts())
    try:
        asked = Asked.model_validate(event)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        wrong = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in problems)
        return {"problem": f"ask with {{'month': '2026-11'}}; {wrong}"}
    return monthly(parts(), asked)


def nightly(parts: Reconciler) -> JsonObject:
    """Yesterday, and its month so far."""
    end = settled_day(parts.now())
    yesterday = Period(end - timedelta(days=1), end)
    daily = _reconciled(parts, yesterday)
    findings = [*daily]
    if parts.reconciliation.log is None:
        # A month of a log is much to read each night, and every day of it was compared exactly.
        findings += _reconciled(parts, Period(yesterday.first.replace(day=1), end))
    parts.counters.count_reconciled(daily, findings)
    return _report(findings)


def monthly(parts: Reconciler, asked: Asked) -> JsonObject:
    """The days of a month that are over."""
    month = Period.month(asked.month)
    today = parts.now().date()
    period = settled(month, today + timedelta(days=1) if asked.today else settled_day(parts.now()))
    if not period.days:
        return {"problem": f"no day of {asked.month} is over yet"}
    return _report(_reconciled(parts.exactly() if asked.exact else parts, period))


def _reconciled(parts: Reconciler, period: Period) -> list[Finding]:
    return parts.reconciliation.reconcile(period, billed_until=billed_day(parts.now()))


def _report(findings: list[Finding]) -> JsonObject:
    told = [finding.as_data() for finding in findings]
    for each in told:
        logger().info("reconciled", result=each["result"], finding=each)
    return {"result": overall(findings), "findings": told}
