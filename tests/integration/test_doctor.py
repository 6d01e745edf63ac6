"""The doctor asks an account as boto3 does, and reads what it answers."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from moto import mock_aws

from cli import aws
from cli.doctor import account, deployed, quotas
from cli.doctor.finding import Finding, Severity
from cli.doctor.site import Site
from tests.unit.cli.doctors import ACCOUNT, REGION, site

STACK = "gatehouse-eu-central-1-edge"
HERE = (account.credentials, account.bootstrap, account.named_things)
TOPIC = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {}}}}


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A region of an account in which nothing was ever deployed."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with mock_aws():
        yield site(partial(aws.client, profile=None))


def by_check(findings: Iterator[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def client(service: str) -> Any:
    return aws.client(service, REGION)


def test_an_empty_account_is_told_what_it_lacks(region: Site) -> None:
    found = by_check(each for check in HERE for each in check(region))
    assert found["account"].severity is Severity.FINE
    assert found["bootstrap"].severity is Severity.ERROR
    assert found["bootstrap"].remedy == "make bootstrap REGION=eu-central-1 STAGE=prod"


def test_a_bootstrapped_region_is_fine(region: Site) -> None:
    client("ssm").put_parameter(Name=account.BOOTSTRAP, Value="30", Type="String")
    (found,) = account.bootstrap(region)
    assert (found.severity, found.found) == (Severity.FINE, "version 30")


def test_roles_are_those_of_the_whole_account(region: Site) -> None:
    (found,) = quotas.roles(region)
    assert found.found == "room for 1000 more roles of 1000; a first deploy makes 0"


def test_before_a_deploy_every_stack_is_missing_and_afterwards_none(region: Site) -> None:
    missing = by_check(deployed.stacks(region))
    assert missing[f"stack {STACK}"].severity is Severity.ERROR
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(TOPIC))
    (found,) = deployed.stacks(region)
    assert (found.severity, found.found) == (Severity.FINE, "1 of 1 complete")


def alarm(name: str, *actions: str) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{STACK}-{name}",
        AlarmDescription="Calls fail. docs/runbook.md#gateway-faults",
        AlarmActions=[*actions],
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="5XXError",
        Namespace="AWS/ApiGateway",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )


def test_alarms_that_tell_nobody_are_a_warning(region: Site) -> None:
    alarm("Faults")
    (found,) = deployed.alarms(region)
    assert (found.severity, found.found) == (Severity.WARNING, "none of 1 tells anybody")


def test_a_topic_that_nobody_hears_is_an_error(region: Site) -> None:
    topic = client("sns").create_topic(Name="page")["TopicArn"]
    alarm("Faults", topic)
    found = by_check(deployed.alarms(region))["topic page"]
    assert (found.severity, found.found) == (
        Severity.ERROR,
        "nobody subscribes: its alarms wake nobody",
    )


def test_a_topic_with_a_subscriber_is_fine(region: Site) -> None:
    topic = client("sns").create_topic(Name="page")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="pager")["QueueUrl"]
    known = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = known["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    alarm("Faults", topic)
    found = by_check(deployed.alarms(region))["topic page"]
    assert (found.severity, found.found) == (Severity.FINE, "1 subscriptions")


def test_an_alarm_that_rings_names_its_page_of_the_runbook(region: Site) -> None:
    alarm("Faults")
    client("cloudwatch").set_alarm_state(
        AlarmName=f"{STACK}-Faults", StateValue="ALARM", StateReason="a test"
    )
    found = by_check(deployed.alarms(region))[f"alarm {STACK}-Faults"]
    assert (found.found, found.remedy) == ("Calls fail.", "see docs/runbook.md#gateway-faults")
