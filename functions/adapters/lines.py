"""The items and expressions of the books: what each write to DynamoDB says."""

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from functions.adapters.aws_errors import code_of
from functions.domain.budget import Reservation
from functions.domain.budget_items import DOWNGRADED, OPEN, REFUSED, SUSPENDED
from functions.domain.names import MicroUsd
from functions.domain.run import ModelCall, Run


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that one settlement writes to, and where they stand."""

    budgets: str
    ledger: str
    cache: str
    zone: str
    region: str


def budget_key(promised: Reservation, scope: str) -> dict[str, Any]:
    return {
        "pk": {"S": f"{promised.team}#{promised.period}"},
        "sk": {"S": f"{scope}#{promised.shard}"},
    }


def reserving(
    promised: Reservation, scope: str, share: MicroUsd, tables: Tables, *, thrifty: bool = False
) -> dict[str, Any]:
    """Take the amount from what is available; a budget's first run of the month makes its item.

    A restriction stands on the item itself, so nobody has to read it first.
    """
    barring = (SUSPENDED,) if thrifty else (SUSPENDED, DOWNGRADED)
    free = " AND ".join(f"attribute_not_exists({name})" for name in barring)
    return {
        "TableName": tables.budgets,
        "Key": budget_key(promised, scope),
        "UpdateExpression": (
            "SET available = if_not_exists(available, :share) - :amount, #limit = :share, "
            "spent = if_not_exists(spent, :zero), #open = if_not_exists(#open, :zero) + :amount"
        ),
        "ConditionExpression": (
            "(attribute_not_exists(available) OR (available >= :amount AND #limit = :share))"
            f" AND {free}"
        ),
        "ExpressionAttributeNames": {"#limit": "limit", "#open": f"{OPEN}{promised.closes}"},
        "ExpressionAttributeValues": {
            ":amount": _number(promised.micro_usd),
            ":share": _number(share),
            ":zero": _number(0),
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def changing(
    promised: Reservation, scope: str, share: MicroUsd, held: int, tables: Tables
) -> dict[str, Any]:
    """Bring a changed limit in: what is spent and promised stays as it is."""
    return {
        "TableName": tables.budgets,
        "Key": budget_key(promised, scope),
        # A run that was refused under the limit of before says nothing of this one.
        "UpdateExpression": f"SET available = available + :more, #limit = :share REMOVE {REFUSED}",
        "ConditionExpression": "#limit = :held",
        "ExpressionAttributeNames": {"#limit": "limit"},
        "ExpressionAttributeValues": {
            ":more": _number(share - held),
            ":share": _number(share),
            ":held": _number(held),
        },
    }


def refusing(promised: Reservation, scope: str, tables: Tables) -> dict[str, Any]:
    """Note that a run was refused, on a budget that exists."""
    return {
        "TableName": tables.budgets,
        "Key": budget_key(promised, scope),
        "UpdateExpression": "SET refused = :minute",
        "ConditionExpression": "attribute_exists(available) AND attribute_not_exists(refused)",
        "ExpressionAttributeValues": {":minute": {"S": promised.closes}},
    }


def settlement(run: Run, tables: Tables) -> list[dict[str, Any]]:
    """Give back every promise of the run, less what it cost; one update for each item."""
    promises: dict[tuple[int, str], list[Reservation]] = {}
    for promised in run.meter.reservations:
        promises.setdefault((promised.shard, promised.closes), []).append(promised)
    unpaid = int(run.meter.cost_micro_usd)
    writes = []
    for position, held in enumerate(promises.values(), start=1):
        # All on one shard, unless that one ran dry between two calls: then each pays what it can,
        # and the last whatever is left, since what was spent is never forgotten.
        total = sum(promised.micro_usd for promised in held)
        cost = unpaid if position == len(promises) else min(unpaid, total)
        unpaid -= cost
        writes += [_settling(held[0], scope, total, cost, tables) for scope in held[0].scopes]
    return writes


def _settling(
    promised: Reservation, scope: str, total: int, cost: int, tables: Tables
) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": tables.budgets,
            "Key": budget_key(promised, scope),
            "UpdateExpression": (
                "SET available = available + :back, spent = spent + :cost, #open = #open - :total"
            ),
            # Gone when the minute was swept: then the run is long dead, and may not settle.
            "ConditionExpression": "#open >= :total",
            "ExpressionAttributeNames": {"#open": f"{OPEN}{promised.closes}"},
            "ExpressionAttributeValues": {
                ":back": _number(total - cost),
                ":cost": _number(cost),
                ":total": _number(total),
            },
        }
    }


def ledger_put(run: Run, status: str, tables: Tables) -> dict[str, Any]:
    """One line: who pays, for what, and how much of it."""
    at = run.received_at.astimezone(UTC)
    line = {
        "pk": {"S": f"{run.team.name}#{at:%Y-%m}"},
        # A run that is delivered again and asks a model again has cost twice: two lines.
        "sk": {"S": f"{at.isoformat(timespec='microseconds')}#{run.id}"},
        "run": {"S": run.id},
        "agent": {"S": run.agent},
        "channel": {"S": run.channel},
        "status": {"S": status},
        "team": {"S": run.team.name},
        "business_unit": {"S": run.team.business_unit},
        "cost_centre": {"S": run.team.cost_centre},
        "workflow": {"S": run.workflow},
        "cache": {"S": run.meter.cache},
        "zone": {"S": tables.zone},
        "region": {"S": tables.region},
        **_event(run),
        "calls": {"L": [{"M": _call(call)} for call in run.meter.calls]},
        "cost_micro_usd": _number(run.meter.cost_micro_usd),
    }
    return {
        "Put": {
            "TableName": tables.ledger,
            "Item": line,
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }


def once_token(run: Run, status: str) -> str:
    """DynamoDB does a transaction with the same token once within ten minutes."""
    text = f"{run.id} {run.received_at.isoformat()} {status}"
    return hashlib.sha256(text.encode()).hexdigest()[:36]


def refused_items(error: ClientError) -> list[int | None] | None:
    """The limits that the refusing items hold, in order; None when it was another error."""
    if code_of(error) == "ConditionalCheckFailedException":
        return [_limit(error.response.get("Item"))]
    reasons = _reasons(error)
    if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
        return [_limit(reason.get("Item")) for reason in reasons]
    return None


def restrictions(error: ClientError) -> frozenset[str]:
    """Those of the restrictions that stand on the items which refused a promise."""
    refusing = [reason.get("Item") for reason in _reasons(error)] or [error.response.get("Item")]
    return frozenset(
        name for item in refusing for name in (SUSPENDED, DOWNGRADED) if item and name in item
    )


def conflicted(error: ClientError, conflicts: frozenset[str]) -> bool:
    return code_of(error) in conflicts or any(r.get("Code") in conflicts for r in _reasons(error))


def _reasons(error: ClientError) -> list[Any]:
    """Why each write of a refused transaction was refused, in their order."""
    return list(error.response.get("CancellationReasons") or [])


def _limit(item: Any) -> int | None:
    return int(item["limit"]["N"]) if item and "limit" in item else None


def _event(run: Run) -> dict[str, Any]:
    """The key of the event that asked for the run, if one did."""
    asked = run.channel == "event" and run.idempotency_key
    return {"event": {"S": run.idempotency_key}} if asked else {}


def _call(call: ModelCall) -> dict[str, Any]:
    return {
        "model": {"S": call.model},
        "answered_by": {"S": call.answered_by},
        "tokens": {"M": {kind: _number(n) for kind, n in call.usage.model_dump().items()}},
        "cost_micro_usd": _number(call.cost_micro_usd),
        "latency_ms": _number(call.latency_ms),
        "price_since": {"S": call.price_since},
    }


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
