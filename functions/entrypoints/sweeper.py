"""Every minute: gives back what dead runs left promised, and tells which budgets run low.

An event about a threshold has an id that follows from the team, the month, the limit and the
threshold. It is published before it is remembered, so a crash in between tells it twice under one
id, and never not at all.
"""

import hashlib
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bootstrap.surroundings import begin, logger, now
from functions.bootstrap.sweeper import sweeper_parts
from functions.bootstrap.tracing import traced
from functions.domain.budget import WHOLE_TEAM, Balance, period
from functions.domain.event import THRESHOLD_REACHED, Event, schema_uri


@traced("sweep")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    begin(context)
    settings, sweep, publisher, counters = sweeper_parts()
    at = now()
    given_back = sweep.give_back(at)
    told = 0
    for balance in sweep.balances():
        if balance.scope == WHOLE_TEAM and balance.period == period(at):
            counters.count_budget(balance, balance.forecast(at))
        for threshold in balance.to_tell():
            publisher.publish(threshold_event(balance, threshold, settings.zone, at))
            sweep.told(balance, threshold)
            told += 1
    logger().info("swept", given_back_micro_usd=given_back, thresholds_told=told)
    return {"given_back_micro_usd": given_back, "thresholds_told": told}


def threshold_event(balance: Balance, threshold: int, zone: str, now: datetime) -> Event:
    """What a team is told about its own limit."""
    source = f"/gatehouse/{zone}/budgets"
    what = f"{source} {balance.team} {balance.period} {balance.scope} {threshold}"
    return Event(
        id=hashlib.sha256(what.encode()).hexdigest()[:32],
        source=source,
        type=THRESHOLD_REACHED,
        time=now,
        team=balance.team,
        dataschema=schema_uri(THRESHOLD_REACHED, 1),
        data={
            "period": balance.period,
            "scope": balance.scope,
            "threshold_percent": threshold,
            "limit_micro_usd": balance.limit,
            "spent_micro_usd": balance.spent,
            "promised_micro_usd": balance.promised,
            "exhausted": balance.refused,
        },
    )
