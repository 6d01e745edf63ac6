"""``gatehouse reconcile``: the ledger beside the provider's own numbers, model by model.

The region's own function does the comparing, on AWS as on the local stack: whoever asks needs the
right to call that one function, and none to the ledger or to anybody's logs.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.calls import CannotCall, here
from functions.domain.names import JsonObject
from local.aws import CREDENTIALS
from local.state import Running, running

HANDLER = "functions.entrypoints.reconciler.handler"
PREFIX = "gatehouse-"
"""How the name of every stack begins, and with it the names of its functions."""
PATIENCE_SECONDS = 900
"""As long as the function may take."""
EXIT_CODES = {"agrees": 0, "drifts": 1, "unknown": 2}
STYLES = {"agrees": "green", "drifts": "bold red", "unknown": "yellow"}
MOST_RUNS = 5

out = Console(highlight=False)


class CannotReconcile(CannotCall):
    """The comparison could not be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A client of Lambda, and what to call the place that it reaches."""

    client: Any
    place: str
    today: bool = False
    """Whether figures are there at once: the local stack's are."""

    @classmethod
    def of(cls, region: str | None, stack: Running | None) -> "Reach":
        """A region with the caller's own credentials, or the local stack.

        Raises:
            CannotCall: no region is named, and no local stack is running.
        """
        import boto3
        from botocore.config import Config

        config = Config(read_timeout=PATIENCE_SECONDS, retries={"total_max_attempts": 1})
        if region:
            session = boto3.session.Session(region_name=region)
            return cls(session.client("lambda", config=config), region)
        local = here(stack)
        session = boto3.session.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=local.region,
        )
        client = session.client("lambda", endpoint_url=local.lambda_url, config=config)
        return cls(client, "the local stack", today=True)

    def ask(self, event: JsonObject) -> JsonObject:
        """What the reconciler answers.

        Raises:
            CannotReconcile: it cannot be reached, or it failed.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answered = self.client.invoke(
                FunctionName=self._function(), Qualifier="live", Payload=json.dumps(event).encode()
            )
            found: JsonObject = json.loads(answered["Payload"].read())
        except ClientError as error:
            told = error.response["Error"]
            msg = f"Lambda in {self.place} refused it: {told['Code']}: {told.get('Message', '')}"
            raise CannotReconcile(msg) from error
        except BotoCoreError as error:
            msg = f"Lambda in {self.place} cannot be used: {error}; sign in ('aws sso login')?"
            raise CannotReconcile(msg) from error
        if "FunctionError" in answered:
            msg = f"the reconciler failed ({found.get('errorType')}); its log says where"
            raise CannotReconcile(msg)
        return found

    def _function(self) -> str:
        pages = self.client.get_paginator("list_functions").paginate()
        for function in (each for page in pages for each in page["Functions"]):
            if function["Handler"] == HANDLER and function["FunctionName"].startswith(PREFIX):
                return str(function["FunctionName"])
        msg = f"{self.place} has no reconciler; is the gatehouse deployed there?"
        raise CannotReconcile(msg)


def reconcile(
    *,
    month: Annotated[
        str | None, typer.Option(help="Such as 2026-11; this one if left out.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="An AWS region, with your own credentials; without it: the local stack."),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Tolerate nothing.")] = False,
    today: Annotated[
        bool, typer.Option("--today", help="Also days whose figures may still be on their way.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare the ledger with Bedrock's own numbers; exits with 1 for a drift, 2 if unknown."""
    asked = month or f"{datetime.now(UTC):%Y-%m}"
    try:
        reach = Reach.of(region, running())
        found = reach.ask({"month": asked, "exact": exact, "today": today or reach.today})
    except CannotCall as error:
        # Not 1, as everywhere else: that would say that the two drift.
        Console(stderr=True, highlight=False).print(f"[red]{error}[/red]")
        raise typer.Exit(EXIT_CODES["unknown"]) from error
    if as_json:
        out.print_json(data=found)
    elif "problem" in found:
        out.print(found["problem"])
    else:
        out.print(table(found["findings"], f"{asked}, {reach.place}"))
        for line in remarks(found["findings"]):
            out.print(line)
    raise typer.Exit(EXIT_CODES[found.get("result", "unknown")])


def table(findings: list[JsonObject], title: str) -> Table:
    """One row for each model, and for each business unit of a bill."""
    columns = ("model", "by", "until", "calls", "tokens", "charged", "provider", "drift", "")
    shown = Table(*columns, title=title)
    for each in findings:
        ledger, provider = each["ledger"], each["provider"] or {}
        shown.add_row(
            each["subject"],
            each["source"],
            each["end"],
            _beside(ledger["calls"], provider.get("calls")),
            _beside(_tokens(ledger), _tokens(provider)),
            _usd(ledger["cost_micro_usd"]),
            _usd(provider.get("cost_micro_usd")),
            _drift(each),
            each["result"],
            style=STYLES[each["result"]],
        )
    return shown


def remarks(findings: list[JsonObject]) -> list[str]:
    """Why something is not known, and which runs one side lacks."""
    told = []
    for each in findings:
        if each["reason"]:
            told.append(f"{each['subject']}: {each['reason']}")
        for kind, words in (("lost", "the ledger lacks"), ("doubled", "the provider lacks")):
            if runs := each[kind]:
                more = each[f"{kind}_runs"] - len(runs[:MOST_RUNS])
                rest = f" and {more} more" if more else ""
                told.append(f"{each['subject']}: {words} {', '.join(runs[:MOST_RUNS])}{rest}")
    return told


def _beside(ledger: int | None, provider: int | None) -> str:
    """Both sides' figures, or one if they are the same."""
    sides = ["-" if side is None else f"{side:,}" for side in (ledger, provider)]
    return sides[0] if sides[0] == sides[1] else " / ".join(sides)


def _tokens(account: JsonObject) -> int | None:
    return sum(account["tokens"].values()) if account else None


def _usd(micro: int | None) -> str:
    return "-" if micro is None else f"${micro / 1_000_000:,.6f}"


def _drift(finding: JsonObject) -> str:
    if finding["drift_micro_usd"] is None:
        return "-"
    sign = "-" if finding["drift_micro_usd"] < 0 else ""
    return f"{sign}{_usd(abs(finding['drift_micro_usd']))} ({finding['drift_percent']} %)"
