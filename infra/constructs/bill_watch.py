"""AWS's own bill as a second opinion: a budget for each business unit, and what is unlike before.

The bill knows business units by the tags of inference profiles, so there are budgets only where a
zone has these. AWS keeps budgets and monitors for the whole account, outside of any region: that is
amounts, names of business units and addresses, and nothing of what anybody asked a model.
"""

import json
from collections.abc import Iterable

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_ce as ce
from constructs import Construct

from functions.domain.bill import budget_name
from functions.domain.budget import THRESHOLDS
from functions.domain.cost_anomalies import CostAnomalies
from functions.domain.reconciliation.by_bill import BUSINESS_UNIT_TAG
from functions.domain.team import Team
from infra import budgets as sums
from infra.place import Place


class BillBudgets(Construct):
    """One budget for each business unit: what its teams may spend in this region together."""

    def __init__(
        self, scope: Construct, id_: str, *, place: Place, teams: Iterable[Team], tells: str
    ) -> None:
        super().__init__(scope, id_)
        for unit, members in sums.units(teams).items():
            name = budget_name(place.region, unit)
            whole = sum(team.budget.monthly_usd for team in members)
            if whole:
                self._budget(place, name, unit, float(whole), sums.addresses(members), tells)

    def _budget(
        self, place: Place, name: str, unit: str, usd: float, addresses: list[str], tells: str
    ) -> None:
        subscribers = [_subscriber("SNS", tells), *(_subscriber("EMAIL", a) for a in addresses)]
        told = [*(("ACTUAL", percent) for percent in THRESHOLDS), ("FORECASTED", THRESHOLDS[-1])]
        budgets.CfnBudget(
            self,
            name,
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=name,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=usd, unit="USD"),
                cost_filters={
                    "TagKeyValue": [f"user:{BUSINESS_UNIT_TAG}${unit}"],
                    "Region": [place.region],
                },
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=subscribers,
                )
                for kind, percent in told
            ],
        )


class AnomalyWatch(Construct):
    """Every service of the account, since a key that was stolen is seldom used for models alone."""

    def __init__(
        self, scope: Construct, id_: str, *, place: Place, anomalies: CostAnomalies
    ) -> None:
        super().__init__(scope, id_)
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Monitor",
            monitor_name=place.stack_name("services"),
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
        )
        least = {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": [str(anomalies.least_usd)],
        }
        ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=place.stack_name("services"),
            frequency="DAILY",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[
                ce.CfnAnomalySubscription.SubscriberProperty(type="EMAIL", address=address)
                for address in anomalies.addresses
            ],
            threshold_expression=json.dumps({"Dimensions": least}),
        )


def _subscriber(kind: str, address: str) -> budgets.CfnBudget.SubscriberProperty:
    return budgets.CfnBudget.SubscriberProperty(subscription_type=kind, address=address)
