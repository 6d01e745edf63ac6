"""What the reconciler is made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import boto3
from botocore.config import Config

from functions import config
from functions.adapters.bedrock_metrics import CloudWatchMetrics, Names, end_of_arn, names_of
from functions.adapters.cost_explorer import CostExplorerBill
from functions.adapters.counters import PowertoolsCounters
from functions.adapters.invocation_logs import CloudWatchCallLog
from functions.adapters.ledger import DynamoLedger
from functions.adapters.profile_names import ProfileNames
from functions.bootstrap.surroundings import logger, now
from functions.domain.metrics import SERVICE
from functions.domain.pricing import price_list
from functions.domain.reconciliation.finding import EXACT, Tolerance
from functions.domain.zone import Zone
from functions.pipeline.reconcile import Bill, CallLog, Reconciliation
from functions.settings import ReconcilerSettings

PATIENT = Config(read_timeout=60, retries={"mode": "standard", "total_max_attempts": 6})
"""Nobody waits at night: a month is much to read, and CloudWatch throttles whoever asks much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """What the reconciler needs."""

    reconciliation: Reconciliation
    counters: PowertoolsCounters
    now: Callable[[], datetime]

    def exactly(self) -> "Reconciler":
        """The same, tolerating nothing."""
        return replace(self, reconciliation=replace(self.reconciliation, tolerance=EXACT))


@dataclass(frozen=True, slots=True)
class _Known:
    """Under what models are counted, and which model something was counted as."""

    names_of: Callable[[str], Names] = names_of
    model_of: Callable[[str], str] = end_of_arn


@cache
def reconciler_parts() -> Reconciler:
    settings = ReconcilerSettings.from_env()
    here, known = config.zones().zones[settings.zone], _Known()
    if here.inference_profiles:
        profiles = ProfileNames(boto3.client("ssm", config=PATIENT), here.name, now)
        known = _Known(profiles.names_of, profiles.model_of)
    options = here.reconciliation
    return Reconciler(
        reconciliation=Reconciliation(
            teams=[t for t in config.teams().teams.values() if t.zone == here.name],
            models=here.models,
            ledger=DynamoLedger(settings.ledger_table, boto3.client("dynamodb", config=PATIENT)),
            metrics=CloudWatchMetrics(boto3.client("cloudwatch", config=PATIENT), known.names_of),
            log=_log(here, known),
            bill=_bill(here, settings.region),
            prices=price_list(here.name),
            tolerance=Tolerance(options.tolerance_percent, options.tolerance_usd),
        ),
        counters=PowertoolsCounters(SERVICE, logger()),
        now=now,
    )


def _log(zone: Zone, known: _Known) -> CallLog | None:
    group = zone.reconciliation.invocation_logs
    if group is None:
        return None
    client = boto3.client("logs", config=PATIENT)
    return CloudWatchCallLog(client, group, zone.name, known.model_of)


def _bill(zone: Zone, region: str) -> Bill | None:
    if not zone.reconciliation.cost_explorer:
        return None
    return CostExplorerBill(boto3.client("ce", config=PATIENT), region)
