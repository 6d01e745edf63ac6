"""The budgets of a region as its table has them, read and unrestricted with the caller's rights."""

from collections.abc import Iterator
from dataclasses import dataclass

from cli import aws
from cli.estate import Estate
from functions.domain.budget import Balance
from functions.domain.budget_items import DOWNGRADED, LIFTED, SUSPENDED, Item, balances

TABLE = "Budgets"


@dataclass(frozen=True, slots=True)
class Books:
    """The budgets of one place."""

    estate: Estate

    def balances(self, period: str) -> list[Balance]:
        """Every limit of every team that has spent anything in the month."""
        with aws.explained("dynamodb", self.estate.place):
            return [b for b in balances(self._every()) if b.period == period]

    def lift(self, team: str, period: str) -> tuple[str, ...]:
        """Let a team's runs go on as before; the limits that were restricted.

        Each remembers at which percentage it was lifted, so that the guard of budgets does not
        place it again before more is gone.
        """
        with aws.explained("dynamodb", self.estate.place):
            restricted = [
                item
                for item in self._of(f"{team}#{period}")
                if SUSPENDED in item or DOWNGRADED in item
            ]
            for item in restricted:
                self._lift(item)
        return tuple(sorted({item["sk"]["S"].rpartition("#")[0] for item in restricted}))

    def _lift(self, item: Item) -> None:
        marks = (SUSPENDED, DOWNGRADED, LIFTED)
        percent = max(int(item[mark]["N"]) for mark in marks if mark in item)
        self.estate.client("dynamodb").update_item(
            TableName=self.estate.table(TABLE),
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET #lifted = :percent REMOVE #suspended, #downgraded",
            ExpressionAttributeNames={
                "#lifted": LIFTED,
                "#suspended": SUSPENDED,
                "#downgraded": DOWNGRADED,
            },
            ExpressionAttributeValues={":percent": {"N": str(percent)}},
        )

    def _every(self) -> Iterator[Item]:
        client = self.estate.client("dynamodb")
        for page in client.get_paginator("scan").paginate(TableName=self.estate.table(TABLE)):
            yield from page["Items"]

    def _of(self, key: str) -> Iterator[Item]:
        pages = (
            self.estate.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.estate.table(TABLE),
                ConsistentRead=True,
                KeyConditionExpression="pk = :key",
                ExpressionAttributeValues={":key": {"S": key}},
            )
        )
        for page in pages:
            yield from page["Items"]
