"""What a region costs that nobody calls, walked off its templates.

Each type of resource is charged for here, or stands under ``FREE`` or ``BY_USE`` with the reason. A
type that is in none of them is an error: a template cannot grow by something whose price nobody
thought of.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from infra.billing.charges import MILLION, SECONDS_PER_MONTH, Charge, assumed
from infra.cost import BYTES_PER_GB, MINUTES_PER_MONTH
from infra.permissions import word

Json = dict[str, Any]
DAYS_PER_MONTH = 730 / 24
MEGABYTES_PER_GB = 1024
HIGH_RESOLUTION_SECONDS = 60
KINDS = (
    (re.compile(r"^agent-.+$"), "each agent"),
    (re.compile(r"^(team-budgets|teams|inference-profiles).*$"), "each team"),
)
"""Stacks of which there are as many as there are agents, or whose contents grow with the teams."""


class Unpriced(Exception):
    """A template has something of which nobody has said what it costs; the message says where."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One template, and where it is deployed."""

    name: str
    """Without the region's prefix."""
    region: str
    resources: Json

    @property
    def kind(self) -> str:
        """What it is a part of, as the page says it."""
        return next((kind for pattern, kind in KINDS if pattern.match(self.name)), self.name)

    def charges(self) -> list[Charge]:
        """Raises ``Unpriced`` at the first resource whose cost is not known."""
        return [*chain.from_iterable(self._of(id_) for id_ in self.resources)]

    def _of(self, id_: str) -> Iterator[Charge]:
        type_ = self.resources[id_]["Type"]
        rule = CHARGED.get(type_)
        if rule is not None:
            yield from rule(self, self.resources[id_]["Properties"])
        elif type_ not in FREE and type_ not in BY_USE:
            msg = (
                f"{self.name} of {self.region}, {word(id_)}: nobody has said what {type_} costs."
                " Add it to CHARGED, BY_USE or FREE in infra/billing/idle.py, and its price to"
                " infra/aws_prices.toml"
            )
            raise Unpriced(msg)

    def memory_gb(self, function: str) -> float:
        """Of a function, or of the one behind an alias."""
        return float(self._function(function)["MemorySize"]) / MEGABYTES_PER_GB

    def has_snapshot(self, function: str) -> bool:
        """Whether a function, or the one behind an alias or a version, starts from a snapshot."""
        return "SnapStart" in self._function(function)

    def _function(self, name: str) -> Json:
        properties: Json = self.resources[name]["Properties"]
        behind = properties.get("FunctionName")
        return self._function(behind["Ref"]) if behind else properties


Rule = Callable[[Stack, Json], Iterator[Charge]]


def stacks(assembly: Path) -> list[Stack]:
    """Every stack of a cloud assembly."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    found = []
    for name, artifact in manifest["artifacts"].items():
        if artifact["type"] == "aws:cloudformation:stack":
            region = artifact["environment"].rpartition("/")[2]
            text = (assembly / artifact["properties"]["templateFile"]).read_text(encoding="utf-8")
            short = name.partition(f"{region}-")[2]
            found.append(Stack(short, region, json.loads(text)["Resources"]))
    return found


def members(of_region: list[Stack]) -> dict[str, int]:
    """How many agents and teams a region has, by the kind of their stacks."""
    types = Counter(r["Type"] for stack in of_region for r in stack.resources.values())
    agents = sum(stack.kind == "each agent" for stack in of_region)
    return {"each agent": agents, "each team": types["AWS::ApiGateway::ApiKey"]}


def _each(part: str, item: str) -> Rule:
    def rule(_stack: Stack, _properties: Json) -> Iterator[Charge]:
        yield Charge(part, item, 1)

    return rule


def _alarm(_stack: Stack, properties: Json) -> Iterator[Charge]:
    """By the metric: a formula is paid for by its terms."""
    terms = [m["MetricStat"] for m in properties.get("Metrics", [properties]) if "MetricStat" in m]
    found = terms or [properties]
    if any(float(term["Period"]) < HIGH_RESOLUTION_SECONDS for term in found):
        msg = "an alarm of less than a minute is dearer: add its price to infra/billing/idle.py"
        raise Unpriced(msg)
    yield Charge("alarms", "alarm-metric", len(found))


def _firewall(_stack: Stack, properties: Json) -> Iterator[Charge]:
    yield Charge("firewall", "firewall-acl", 1)
    yield Charge("firewall", "firewall-rule", len(properties["Rules"]))
    if "AWSManagedRulesBotControlRuleSet" in json.dumps(properties["Rules"]):
        yield Charge("firewall", "firewall-bot-control", 1)


def _version(stack: Stack, properties: Json) -> Iterator[Charge]:
    """A snapshot is kept for as long as its version is there, whether somebody calls it or not."""
    function = properties["FunctionName"]["Ref"]
    if stack.has_snapshot(function):
        seconds = stack.memory_gb(function) * SECONDS_PER_MONTH
        yield Charge("snapshots of functions", "snapshot-cache", seconds / MILLION)


def _alias(stack: Stack, properties: Json) -> Iterator[Charge]:
    warm = properties.get("ProvisionedConcurrencyConfig")
    if warm:
        one = stack.memory_gb(properties["FunctionName"]["Ref"]) * SECONDS_PER_MONTH
        count = warm["ProvisionedConcurrentExecutions"]
        yield Charge("functions that are always warm", "warm-function", count * one / MILLION)


def _polls(_stack: Stack, properties: Json) -> Iterator[Charge]:
    if "Queue" not in json.dumps(properties["EventSourceArn"]):
        msg = "only queues are polled at a known price: add this source to infra/billing/idle.py"
        raise Unpriced(msg)
    polls = assumed().polls_per_minute.value * MINUTES_PER_MONTH
    yield Charge("empty polls of queues", "queue-request", polls / MILLION)


def _clock(stack: Stack, properties: Json) -> Iterator[Charge]:
    """EventBridge charges nothing for a schedule; the function that it calls is paid for."""
    calls = calls_per_month(properties["ScheduleExpression"])
    for target in properties["Targets"]:
        memory = stack.memory_gb(target["Arn"]["Ref"])
        seconds = calls * assumed().scheduled_seconds.value * memory
        written = calls * assumed().invocation_log_bytes.value
        yield Charge("calls by the clock", "function-call", calls / MILLION)
        yield Charge("calls by the clock", "function-time", seconds / MILLION)
        if stack.has_snapshot(target["Arn"]["Ref"]):
            restored = calls * assumed().restored_share.value * memory
            yield Charge("calls by the clock", "snapshot-restore", restored / MILLION)
        yield Charge("calls by the clock", "lambda-log-ingestion", written / BYTES_PER_GB)


def calls_per_month(schedule: str) -> float:
    """Of ``rate(…)``, and of a ``cron(…)`` that names one minute and one hour of every day."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
    if rate:
        per_month = {"minute": MINUTES_PER_MONTH, "hour": 730, "day": DAYS_PER_MONTH}
        return per_month[rate[2]] / int(rate[1])
    if re.fullmatch(r"cron\(\d+ \d+ (\*|\?) \* (\*|\?) \*\)", schedule):
        return DAYS_PER_MONTH
    msg = f"{schedule}: teach infra/billing/idle.py how often that is in a month"
    raise Unpriced(msg)


CHARGED: Mapping[str, Rule] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _each("alarms made of others", "composite-alarm"),
    "AWS::CloudWatch::Dashboard": _each("dashboards", "dashboard"),
    "AWS::Events::Rule": _clock,
    "AWS::KMS::Key": _each("keys", "key"),
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _polls,
    "AWS::Lambda::Version": _version,
    "AWS::SecretsManager::Secret": _each("secrets", "secret"),
    "AWS::WAFv2::WebACL": _firewall,
}
BY_USE: Mapping[str, str] = {
    "AWS::ApiGateway::RestApi": "by the request",
    "AWS::ApiGateway::Stage": "its metrics by the hour in which a method is called",
    "AWS::AppConfig::Deployment": "by the read, of which a function that runs makes one a minute",
    "AWS::Bedrock::ApplicationInferenceProfile": "by the token, as the model itself",
    "AWS::DynamoDB::Table": "by the request, and by what is stored, backups included",
    "AWS::KinesisFirehose::DeliveryStream": "by the line",
    "AWS::Lambda::Function": "by the call and the time that it takes",
    "AWS::Logs::LogGroup": "by what is written and kept",
    "AWS::S3::Bucket": "by the request, and by what is stored",
    "AWS::SNS::Subscription": "a message to a queue costs nothing, a thousand mails two cents",
    "AWS::SNS::Topic": "by the message",
    "AWS::SQS::Queue": "by the request; who polls it is charged for above",
}
"""Types that cost nothing while nobody calls, and why they cost something otherwise."""
FREE: Mapping[str, str] = {
    "AWS::ApiGateway::Account": "a setting",
    "AWS::ApiGateway::ApiKey": "part of the API",
    "AWS::ApiGateway::Authorizer": "part of the API; its function is paid for by the call",
    "AWS::ApiGateway::BasePathMapping": "part of the API",
    "AWS::ApiGateway::Deployment": "part of the API",
    "AWS::ApiGateway::DomainName": "a regional name costs nothing",
    "AWS::ApiGateway::GatewayResponse": "part of the API",
    "AWS::ApiGateway::Method": "part of the API",
    "AWS::ApiGateway::Model": "part of the API",
    "AWS::ApiGateway::RequestValidator": "part of the API",
    "AWS::ApiGateway::Resource": "part of the API",
    "AWS::ApiGateway::UsagePlan": "part of the API",
    "AWS::ApiGateway::UsagePlanKey": "part of the API",
    "AWS::AppConfig::Application": "a name",
    "AWS::AppConfig::ConfigurationProfile": "a name",
    "AWS::AppConfig::DeploymentStrategy": "a setting",
    "AWS::AppConfig::Environment": "a name",
    "AWS::AppConfig::HostedConfigurationVersion": "kept by AppConfig at no charge",
    "AWS::Budgets::Budget": "a budget without an action of AWS's own costs nothing",
    "AWS::CE::AnomalyMonitor": "costs nothing",
    "AWS::CE::AnomalySubscription": "costs nothing",
    "AWS::CertificateManager::Certificate": "a public certificate costs nothing",
    "AWS::CloudFormation::WaitConditionHandle": "nothing is behind it",
    "AWS::CodeDeploy::Application": "deploying functions costs nothing",
    "AWS::CodeDeploy::DeploymentGroup": "deploying functions costs nothing",
    "AWS::Glue::Registry": "the schema registry costs nothing",
    "AWS::Glue::Schema": "the schema registry costs nothing",
    "AWS::IAM::Policy": "costs nothing",
    "AWS::IAM::Role": "costs nothing",
    "AWS::Lambda::LayerVersion": "part of the functions' storage, which is free up to 75 GB",
    "AWS::Lambda::Permission": "costs nothing",
    "AWS::Logs::LogStream": "part of its group",
    "AWS::Route53::RecordSet": "a name of a zone that you have anyway",
    "AWS::S3::BucketPolicy": "costs nothing",
    "AWS::SNS::TopicPolicy": "costs nothing",
    "AWS::SQS::QueuePolicy": "costs nothing",
    "AWS::SSM::Parameter": "a standard parameter costs nothing",
    "AWS::WAFv2::LoggingConfiguration": "its lines are paid for when a request is stopped",
    "AWS::WAFv2::WebACLAssociation": "part of the firewall",
}
"""Types that cost nothing at all, and why."""
