"""The ledger's lines in DynamoDB."""

import boto3

from functions.adapters.ledger import DynamoLedger
from functions.domain.names import MicroUsd
from functions.domain.pricing import Usage
from functions.domain.run import ModelCall
from tests import fakes


def test_a_line_names_who_pays_and_for_what(ledger_table: str) -> None:
    run = fakes.run(workflow="onboarding")
    usage = Usage(input_tokens=120, output_tokens=30)
    for cost in (270, 31):
        run.meter.add(ModelCall(fakes.MODEL, "test-model", usage, MicroUsd(cost), 12))

    DynamoLedger(ledger_table, boto3.client("dynamodb")).charge(run, "succeeded")

    line = boto3.client("dynamodb").scan(TableName=ledger_table)["Items"][0]
    assert line["pk"]["S"] == "helpdesk#2026-11"
    assert line["sk"]["S"] == "2026-11-02T09:30:00.000000+00:00#run_1"
    assert line["cost_micro_usd"]["N"] == "301"
    assert line["cost_centre"]["S"] == "CC-1"
    assert line["business_unit"]["S"] == "Customer Care"
    assert line["workflow"]["S"] == "onboarding"
    assert [call["M"]["tokens"]["M"]["input_tokens"]["N"] for call in line["calls"]["L"]] == [
        "120",
        "120",
    ]
