"""Budgets and the ledger on DynamoDB.

A budget is one item for each team, month, scope and shard. Its ``available`` is a single number,
because a condition cannot add attributes up; promises are summed by the minute in which they close
(``open_202611020931``), so a sweeper can give back what dead runs left, without a record for each.

Reserving is one conditional update. Settling is one transaction over the budget items, the ledger
line and fresh cache entries: either all of it happened or none, and a repeated one is recognised.
"""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from functions.adapters import lines
from functions.adapters.aws_errors import store_error
from functions.adapters.cache import cache_item
from functions.domain.budget import (
    Limit,
    Reservation,
    closing_minute,
    period,
    seconds_to_next_period,
    shard_order,
)
from functions.domain.budget_items import DOWNGRADED, SUSPENDED
from functions.domain.errors import BudgetExhausted, StoreUnavailable
from functions.domain.names import MicroUsd
from functions.domain.restriction import Downgraded
from functions.domain.run import Outcome, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Written = TypeVar("Written")
WHAT = "The budgets and the ledger"
CONFLICTS = frozenset({"TransactionConflict", "TransactionConflictException", "ThrottlingError"})
TRIES = 6
"""Of a write that met another one on the same item."""


class DynamoBooks:
    """Implements :class:`functions.pipeline.ports.Books`."""

    def __init__(
        self,
        tables: lines.Tables,
        client: "DynamoDBClient",
        *,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._tables = tables
        self._client = client
        self._pause = pause
        self._jitter = jitter

    def reserve(self, run: Run, amount: MicroUsd) -> Reservation:
        budget = run.team.budget
        limits = budget.limits(run.agent, run.workflow)
        for shard in shard_order(run.id, budget.shards):
            shares = {limit.scope: limit.share(shard, budget.shards) for limit in limits}
            promised = Reservation(
                team=run.team.name,
                period=period(run.received_at),
                scopes=tuple(shares),
                shard=shard,
                closes=closing_minute(run.deadline),
                micro_usd=amount,
            )
            if amount <= min(shares.values()):
                kept, left = self._promise(run, promised, shares)
                if kept:
                    return replace(promised, left=_over_all(left, budget.shards))
        raise _exhausted(run, limits)

    def settle(self, run: Run, status: str, outcome: Outcome | None) -> None:
        writes = lines.settlement(run, self._tables)
        if run.meter.calls:
            writes.append(lines.ledger_put(run, status, self._tables))
        writes += [cache_item(self._tables.cache, *kept) for kept in run.meter.fresh_answers]
        try:
            if outcome and run.meter.remembering:
                writes.append(run.meter.remembering(outcome))
        finally:
            # An outcome that cannot be remembered has been paid for all the same.
            self._write(writes, token=lines.once_token(run, status))

    def _promise(
        self, run: Run, promised: Reservation, shares: dict[str, MicroUsd]
    ) -> tuple[bool, int | None]:
        """Whether every scope had the money, and what is left of it where that is told.

        A limit that was changed since is brought in first.
        """
        thrifty = run.meter.downgraded
        updates = [
            lines.reserving(promised, scope, share, self._tables, thrifty=thrifty)
            for scope, share in shares.items()
        ]
        for _ in range(TRIES):
            try:
                return True, self._update(updates)
            except ClientError as error:
                _check_restrictions(run, error)
                if not self._brought_in(promised, shares, error):
                    return False, None
            except BotoCoreError as error:
                raise store_error(error, WHAT) from error
        msg = f"{WHAT} keep changing; try again."
        raise StoreUnavailable(msg, retry_after_seconds=1)

    def _brought_in(
        self, promised: Reservation, shares: dict[str, MicroUsd], error: ClientError
    ) -> bool:
        """Whether the refusal came from limits of before the last deploy, which now are changed.

        If not, the budget is empty, and that is noted for the sweeper to tell.
        """
        stored = lines.refused_items(error)
        if stored is None:
            raise store_error(error, WHAT) from error
        changed = [
            lines.changing(promised, scope, share, held, self._tables)
            for (scope, share), held in zip(shares.items(), stored, strict=True)
            if held is not None and held != share
        ]
        refused = [
            lines.refusing(promised, scope, self._tables)
            for (scope, share), held in zip(shares.items(), stored, strict=True)
            if held == share
        ]
        for update in changed or refused:
            self._unless_done(update)
        return bool(changed)

    def _unless_done(self, update: dict[str, Any]) -> None:
        try:
            self._client.update_item(**update)
        except (ClientError, BotoCoreError) as error:
            # Another function may have written the same: then all is as it should be.
            if not isinstance(error, ClientError) or lines.refused_items(error) is None:
                raise store_error(error, WHAT) from error

    def _update(self, updates: list[dict[str, Any]]) -> int | None:
        """What is left afterwards; a transaction over several scopes does not tell."""
        if len(updates) == 1:
            update = updates[0] | {"ReturnValues": "ALL_NEW"}
            done = self._again_on_conflict(lambda: self._client.update_item(**update))
            return int(done["Attributes"]["available"]["N"])
        writes = [{"Update": update} for update in updates]
        self._again_on_conflict(
            lambda: self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]  # built in ``lines``
        )
        return None

    def _write(self, writes: list[dict[str, Any]], token: str) -> None:
        try:
            self._again_on_conflict(
                lambda: self._client.transact_write_items(
                    TransactItems=writes,  # type: ignore[arg-type]  # built in ``lines``
                    ClientRequestToken=token,
                )
            )
        except (ClientError, BotoCoreError) as error:
            raise store_error(error, WHAT) from error

    def _again_on_conflict(self, write: Callable[[], Written]) -> Written:
        """Two writes that meet on one item are no failure: one of them comes again."""
        for attempt in range(TRIES - 1):
            try:
                return write()
            except ClientError as error:
                if not lines.conflicted(error, CONFLICTS):
                    raise
                self._pause(self._jitter() * 0.02 * 2**attempt)
        return write()


def _over_all(left: int | None, shards: int) -> MicroUsd | None:
    """What is left in one shard says roughly what is left in all."""
    return None if left is None else MicroUsd(left * shards)


def _check_restrictions(run: Run, error: ClientError) -> None:
    found = lines.restrictions(error)
    if SUSPENDED in found:
        raise _suspended(run)
    if DOWNGRADED in found and not run.meter.downgraded:
        raise Downgraded


def _suspended(run: Run) -> BudgetExhausted:
    msg = (
        f"The runs of {run.team.name} that cost anything are suspended for "
        f"{period(run.received_at)}: that is its policy once so much of its budget is spent. They "
        "go on with the next month, or when the platform team lifts the suspension."
    )
    error = BudgetExhausted(msg)
    error.retry_after_seconds = seconds_to_next_period(run.received_at)
    return error


def _exhausted(run: Run, limits: tuple[Limit, ...]) -> BudgetExhausted:
    scopes = ", ".join(limit.scope for limit in limits)
    msg = (
        f"The budget of {run.team.name} for {period(run.received_at)} ({scopes}) has not enough "
        "left for this run. It renews with the month, or the platform team raises it."
    )
    error = BudgetExhausted(msg)
    error.retry_after_seconds = seconds_to_next_period(run.received_at)
    return error
