"""The provider's numbers as AWS gives them, and the function that asks for them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.adapters.bedrock_metrics import CloudWatchMetrics, end_of_arn
from functions.adapters.cost_explorer import CostExplorerBill
from functions.adapters.invocation_logs import CloudWatchCallLog
from functions.adapters.profile_names import ProfileNames
from functions.domain.bedrock_tags import profiles_parameter
from functions.domain.ledger import Period
from functions.domain.reconciliation.finding import CannotRead
from tests.integration.bedrock_account import GROUP, entry, put_metric

MODEL = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
BARE = MODEL.removeprefix("eu.")
AT = datetime(2026, 11, 3, 23, 59, tzinfo=UTC)
DAYS = Period(AT.date(), AT.date() + timedelta(days=2))
PROFILE = "arn:aws:bedrock:eu-central-1:111122223333:application-inference-profile/"


@pytest.fixture
def cloudwatch(aws: None) -> Any:
    return boto3.client("cloudwatch")


def test_days_are_told_apart_in_utc_and_what_has_no_figure_has_no_reading(cloudwatch: Any) -> None:
    for hours, tokens in ((0, 5), (0, 6), (1, 20), (80, 1000)):
        put_metric(cloudwatch, MODEL, "InputTokenCount", tokens, AT + timedelta(hours=hours))

    found = CloudWatchMetrics(cloudwatch).readings([MODEL, "eu.other"], DAYS)

    first, second = (MODEL, DAYS.first), (MODEL, DAYS.first + timedelta(days=1))
    assert {key: dict(r.tokens) for key, r in found.items()} == {
        first: {"input": 11},
        second: {"input": 20},
    }
    assert found[first].calls is None


def test_the_names_of_one_thing_are_not_added_up(cloudwatch: Any) -> None:
    """A profile may be counted as the model behind it, and a metric may have another name."""
    put_metric(cloudwatch, MODEL, "InputTokenCount", 5, AT)
    put_metric(cloudwatch, BARE, "InputTokenCount", 7, AT)
    put_metric(cloudwatch, BARE, "OutputTokenCount", 3, AT)
    put_metric(cloudwatch, MODEL, "CacheReadInputTokens", 9, AT)

    (found,) = CloudWatchMetrics(cloudwatch).readings([MODEL], DAYS).values()

    assert dict(found.tokens) == {"input": 5, "output": 3, "cache_read": 9}


def test_profiles_of_business_units_are_added_up_and_other_callers_left_out(
    cloudwatch: Any,
) -> None:
    ssm = boto3.client("ssm")
    for unit, id_ in (("Care", "abc"), ("Retail", "def")):
        name, value = profiles_parameter("eu", unit), json.dumps({MODEL: f"{PROFILE}{id_}"})
        ssm.put_parameter(Name=name, Value=value, Type="String")
        put_metric(cloudwatch, id_, "InputTokenCount", 100, AT)
    put_metric(cloudwatch, MODEL, "InputTokenCount", 5, AT)  # a stranger, by the model's own id
    names = ProfileNames(ssm, "eu", lambda: AT)

    (found,) = CloudWatchMetrics(cloudwatch, names.names_of).readings([MODEL], DAYS).values()

    assert dict(found.tokens) == {"input": 200}
    assert names.model_of(f"{PROFILE}abc") == names.model_of("def") == MODEL
    assert names.model_of("eu.another") == "eu.another"


class Paged:
    """A client whose one paginator gives these pages, or fails."""

    def __init__(self, *pages: Any) -> None:
        self.pages = pages

    def get_paginator(self, operation: str) -> "Paged":
        return self

    def paginate(self, **_: Any) -> Iterator[Any]:
        for page in self.pages:
            if isinstance(page, str):
                raise ClientError({"Error": {"Code": page, "Message": ""}}, "GetMetricData")
            yield page


def results(status: str) -> dict[str, Any]:
    return {
        "MetricDataResults": [{"Id": "m0", "Timestamps": [], "Values": [], "StatusCode": status}]
    }


@pytest.mark.parametrize("broken", ["Throttling", results("Forbidden"), results("InternalError")])
def test_cloudwatch_that_does_not_say_is_no_cloudwatch_that_says_nothing(broken: Any) -> None:
    with pytest.raises(CannotRead, match="CloudWatch"):
        CloudWatchMetrics(Paged(broken)).readings([MODEL], DAYS)  # type: ignore[arg-type]  # a fake of one method


def test_a_page_that_is_not_the_last_is_partial_and_read_on() -> None:
    page = {"Id": "m0", "Timestamps": [AT], "Values": [3.0]}
    pages = [
        {"MetricDataResults": [{**page, "StatusCode": "PartialData"}]},
        {"MetricDataResults": [{**page, "Id": "m1", "StatusCode": "Complete"}]},
    ]
    assert CloudWatchMetrics(Paged(*pages)).readings([MODEL], DAYS)  # type: ignore[arg-type]  # a fake of one method


def log_of(*messages: str, code: str | None = None) -> CloudWatchCallLog:
    millis = int(AT.timestamp() * 1000)
    pages: list[Any] = [{"events": [{"message": m, "timestamp": millis} for m in messages]}]
    return CloudWatchCallLog(Paged(*([code] if code else pages)), GROUP, "eu")  # type: ignore[arg-type]  # a fake of one method


def test_only_our_own_answered_calls_are_taken_from_the_log() -> None:
    usage = {"inputTokens": 12, "outputTokens": 3, "cacheReadInputTokens": 4}
    ours = entry(MODEL, {"run": "run_1", "zone": "eu"}, usage)
    failed = {**ours, "errorCode": "ThrottlingException"}
    other_zone = entry(MODEL, {"run": "run_2", "zone": "us"}, usage)
    stranger = entry(MODEL, {}, usage)

    (call,) = log_of(*map(json.dumps, (ours, failed, other_zone, stranger))).calls(AT, AT)

    assert (call.run, call.model, call.at) == ("run_1", MODEL, AT)
    assert call.usage.by_kind()["cache_read"] == 4


@pytest.mark.parametrize("message", ["no JSON", '"text"', '{"requestMetadata": {"zone": "eu"}}'])
def test_an_entry_that_cannot_be_read_is_told_without_its_words(message: str) -> None:
    with pytest.raises(CannotRead, match="not one that Bedrock is known to write") as caught:
        log_of(message).calls(AT, AT)
    assert "no JSON" not in str(caught.value)


def test_a_log_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(CannotRead, match="take invocation_logs out of zones"):
        log_of(code="ResourceNotFoundException").calls(AT, AT)
    with pytest.raises(CannotRead, match="refused to show"):
        log_of(code="AccessDeniedException").calls(AT, AT)


class Bill:
    """Cost Explorer."""

    def __init__(self, *groups: tuple[str, str], unit: str = "USD") -> None:
        self.groups = [
            {"Keys": [key], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}}}
            for key, amount in groups
        ]
        self.asked: dict[str, Any] = {}

    def get_cost_and_usage(self, **asked: Any) -> Any:
        self.asked = asked
        return {"ResultsByTime": [{"Groups": self.groups}]}


def test_the_bill_is_read_by_tag_in_whole_micro_dollars() -> None:
    tagged = "gatehouse:business-unit"
    bill = Bill((f"{tagged}$Care", "1.2345674"), (f"{tagged}$", "99"), (f"{tagged}$Care", "1"))

    found = CostExplorerBill(bill, "eu-central-1").by_business_unit(DAYS)  # type: ignore[arg-type]  # a fake of one method

    assert found == {"Care": 2_234_567}
    assert bill.asked["TimePeriod"] == {"Start": "2026-11-03", "End": "2026-11-05"}
    assert bill.asked["Filter"]["Dimensions"]["Values"] == ["eu-central-1"]


def test_a_bill_in_another_currency_is_not_compared() -> None:
    with pytest.raises(CannotRead, match="EUR"):
        CostExplorerBill(Bill(("t$Care", "1"), unit="EUR"), "eu-central-1").by_business_unit(DAYS)  # type: ignore[arg-type]  # a fake of one method


def test_the_end_of_an_arn_is_what_is_counted() -> None:
    assert end_of_arn(f"{PROFILE}abc") == "abc"
    assert end_of_arn(MODEL) == MODEL
