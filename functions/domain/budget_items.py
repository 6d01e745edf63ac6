"""The items of the budgets' table: what their attributes are called, and what they add up to.

Functions and the command line read the same items, so both learn here what they say.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from functions.domain.budget import Balance
from functions.domain.names import MicroUsd

Item = dict[str, Any]

OPEN = "open_"
"""Before a minute: what is promised until then."""
REFUSED = "refused"
"""When a run was first refused for want of money."""
TOLD = "told"
"""The thresholds that were told."""
SUSPENDED = "suspended"
"""The percentage at which no further promise is made; a team's policy asked for it."""
DOWNGRADED = "downgraded"
"""The percentage from which on cheap models alone are promised to."""
LIFTED = "lifted"
"""The percentage up to which somebody has decided that runs go on as before."""


def balances(items: Iterable[Item]) -> Iterator[Balance]:
    """Every limit of every team, its shards added up."""
    for (pk, scope), shards in groupby(sorted(items, key=_limit_of), key=_limit_of):
        team, _, period = pk.rpartition("#")
        yield _balance(team, period, scope, list(shards))


def promises(item: Item) -> dict[str, int]:
    """What is promised, by the minute in which it closes."""
    return {name: int(value["N"]) for name, value in item.items() if name.startswith(OPEN)}


def _limit_of(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"].rpartition("#")[0]


def _balance(team: str, period: str, scope: str, shards: list[Item]) -> Balance:
    def total(name: str) -> MicroUsd:
        return MicroUsd(sum(int(item[name]["N"]) for item in shards if name in item))

    told = [threshold for item in shards for threshold in item.get(TOLD, {}).get("NS", [])]
    return Balance(
        team=team,
        period=period,
        scope=scope,
        limit=total("limit"),
        spent=total("spent"),
        promised=MicroUsd(sum(sum(promises(item).values()) for item in shards)),
        refused=any(REFUSED in item for item in shards),
        told=frozenset(int(threshold) for threshold in told),
        suspended=any(SUSPENDED in item for item in shards),
        downgraded=any(DOWNGRADED in item for item in shards),
    )
