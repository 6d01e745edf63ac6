"""AWS's limits that a growing gatehouse comes near to, and how much of each some templates use.

    python -m infra.limits build/synth/grown    → docs/limits.md, its table

The folder is what tests make: one region with fifty agents and five hundred teams. A test compares
each figure with its limit, and the page with the figures.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.analysis.templates import Template, templates
from infra.blueprint import ROOT

PAGE = ROOT / "docs" / "limits.md"
PART = re.compile(r"(<!-- limits: made by .*? -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = "| limit | AWS allows | used | can be raised | AWS's page |\n|---|---|---|---|---|\n"

Measure = Callable[[list[Template]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What AWS allows by default, for which of its pages is the source."""

    name: str
    value: int
    raisable: bool
    source: str
    measure: Measure
    outgrown: bool = False
    """Whether fifty agents and five hundred teams pass it, so that it must have been raised."""


def count(kind: str) -> Measure:
    """How many of a kind are in all templates of a region together."""
    return lambda found: sum(1 for _ in each(found, kind))


def most(sizes: Callable[[list[Template]], Iterable[int]]) -> Measure:
    """The largest of some sizes."""
    return lambda found: max(sizes(found), default=0)


def each(found: list[Template], kind: str) -> Iterator[dict[str, Any]]:
    """The properties of all resources of a kind."""
    for template in found:
        for resource in template.resources.values():
            if resource["Type"] == kind:
                yield resource.get("Properties", {})


def characters(kind: str, *path: str) -> Measure:
    """The longest text that one property has, as AWS counts it: without blanks."""
    return most(lambda found: (_size(_at(one, path)) for one in each(found, kind)))


def per(kind: str, owner: str) -> Measure:
    """How many of a kind the busiest owner has, which a property of theirs names."""

    def sizes(found: list[Template]) -> Iterator[int]:
        owners = Counter(json.dumps(properties.get(owner)) for properties in each(found, kind))
        yield from owners.values()

    return most(sizes)


def _lists(kind: str, *path: str) -> Measure:
    return most(lambda found: (len(_at(one, path)) for one in each(found, kind)))


def _at(properties: Any, path: Iterable[str]) -> Any:
    for name in path:
        properties = properties.get(name, {})
    return properties


def _joined(text: str) -> str:
    """A reference is about as long as what it becomes; the function around a text is not."""
    return re.sub(r'\{"Fn::Join":\["",\[|\]\]\}', "", text)


def _parts(name: str) -> Callable[[list[Template]], Iterator[int]]:
    def sizes(found: list[Template]) -> Iterator[int]:
        for template in found:
            yield len(json.loads(template.file.read_text(encoding="utf-8")).get(name, {}))

    return sizes


def _bytes(found: list[Template]) -> Iterator[int]:
    return (template.file.stat().st_size for template in found)


def _inline(found: list[Template]) -> Iterator[int]:
    """A role's inline policies count together."""
    for template in found:
        total: Counter[str] = Counter()
        for id_, resource in template.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Policy":
                for role in properties["Roles"]:
                    total[json.dumps(role)] += _size(properties["PolicyDocument"])
            elif resource["Type"] == "AWS::IAM::Role":
                own = json.dumps({"Ref": id_})
                total[own] += sum(
                    _size(p["PolicyDocument"]) for p in properties.get("Policies", ())
                )
        yield from total.values()


def _size(value: Any) -> int:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return len(_joined(text))


def _widgets(found: list[Template]) -> Iterator[int]:
    for dashboard in each(found, "AWS::CloudWatch::Dashboard"):
        yield json.dumps(dashboard["DashboardBody"]).count('\\"properties\\"')


def _filtered(found: list[Template]) -> int:
    return sum("FilterPolicy" in one for one in each(found, "AWS::SNS::Subscription"))


def _concurrency(found: list[Template]) -> int:
    """What the queues may take of the account's concurrent executions."""
    scaling = (
        one.get("ScalingConfig", {}) for one in each(found, "AWS::Lambda::EventSourceMapping")
    )
    return sum(one.get("MaximumConcurrency", 0) for one in scaling)


def _limit(name: str, value: int, measure: Measure, source: str, **more: bool) -> Limit:
    said = {"raisable": False, **more}
    return Limit(name=name, value=value, source=source, measure=measure, **said)


LIMITS = (
    _limit("resources in a stack", 500, most(_parts("Resources")), "CloudFormation quotas"),
    _limit("outputs of a stack", 200, most(_parts("Outputs")), "CloudFormation quotas"),
    _limit("bytes of a template", 1_000_000, most(_bytes), "CloudFormation quotas"),
    _limit("stacks of a region", 2000, len, "CloudFormation quotas", raisable=True),
    _limit("characters of a role's inline policies", 10_240, most(_inline), "IAM quotas"),
    _limit("characters of a managed policy", 6144,
           characters("AWS::IAM::ManagedPolicy", "PolicyDocument"), "IAM quotas"),
    _limit("roles of an account", 1000, count("AWS::IAM::Role"), "IAM quotas", raisable=True),
    _limit("bytes of a function's variables", 4096,
           characters("AWS::Lambda::Function", "Environment", "Variables"), "Lambda quotas"),
    _limit("layers of a function", 5, _lists("AWS::Lambda::Function", "Layers"), "Lambda quotas"),
    _limit("concurrent executions, for queues", 1000, _concurrency, "Lambda quotas",
           raisable=True, outgrown=True),
    _limit("API keys of a region", 10_000, count("AWS::ApiGateway::ApiKey"), "API Gateway quotas"),
    _limit("usage plans of a region", 300, count("AWS::ApiGateway::UsagePlan"),
           "API Gateway quotas", raisable=True),
    _limit("resources of the API", 300, per("AWS::ApiGateway::Resource", "RestApiId"),
           "API Gateway quotas", raisable=True),
    _limit("authorizers of the API", 10, per("AWS::ApiGateway::Authorizer", "RestApiId"),
           "API Gateway quotas", raisable=True),
    _limit("characters of the API's policy", 8192, characters("AWS::ApiGateway::RestApi", "Policy"),
           "API Gateway quotas", raisable=True),
    _limit("characters of a queue's policy", 8192,
           characters("AWS::SQS::QueuePolicy", "PolicyDocument"), "SQS quotas"),
    _limit("bytes of a topic's policy", 30_720,
           characters("AWS::SNS::TopicPolicy", "PolicyDocument"), "SNS API permissions"),
    _limit("subscriptions with a filter of a region", 200, _filtered, "SNS quotas", raisable=True),
    _limit("topics of a region", 100_000, count("AWS::SNS::Topic"), "SNS quotas", raisable=True),
    _limit("rules of an event bus", 300, count("AWS::Events::Rule"), "EventBridge quotas",
           raisable=True),
    _limit("metric alarms of a region", 5000, count("AWS::CloudWatch::Alarm"), "CloudWatch quotas",
           raisable=True),
    _limit("actions of an alarm, for each state", 5,
           _lists("AWS::CloudWatch::Alarm", "AlarmActions"), "CloudWatch quotas"),
    _limit("characters of a composite alarm's rule", 10_240,
           characters("AWS::CloudWatch::CompositeAlarm", "AlarmRule"), "PutCompositeAlarm"),
    _limit("widgets of a dashboard", 500, most(_widgets), "CloudWatch quotas"),
    _limit("alarms of a deployment group", 10,
           _lists("AWS::CodeDeploy::DeploymentGroup", "AlarmConfiguration", "Alarms"),
           "CodeDeploy, AlarmsLimitExceededException"),
    _limit("applications of CodeDeploy", 1000, count("AWS::CodeDeploy::Application"),
           "CodeDeploy quotas", raisable=True),
    _limit("policies of CloudWatch Logs in a region", 10, count("AWS::Logs::ResourcePolicy"),
           "CloudWatch Logs quotas"),
    _limit("characters of a key's policy", 32_768, characters("AWS::KMS::Key", "KeyPolicy"),
           "KMS quotas"),
    _limit("tables of a region", 2500, count("AWS::DynamoDB::Table"), "DynamoDB quotas",
           raisable=True),
    _limit("budgets of an account", 20_000, count("AWS::Budgets::Budget"), "AWS Budgets quotas"),
    _limit("secrets of a region", 500_000, count("AWS::SecretsManager::Secret"),
           "Secrets Manager quotas"),
)  # fmt: skip


def table(found: list[Template]) -> str:
    """Every limit, and what of it is used, rounded up so that a page need not change each day."""
    rows = [
        f"| {one.name} | {one.value:,} | {rounded(one.measure(found)):,} |"
        f" {_raisable(one)} | {one.source} |"
        for one in LIMITS
    ]
    return HEAD + "\n".join(rows)


def _raisable(limit: Limit) -> str:
    if limit.outgrown:
        return "yes, before this size"
    return "yes" if limit.raisable else "no"


def rounded(used: int) -> int:
    """Up to two figures."""
    step: int = 10 ** max(0, len(str(used)) - 2)
    return -(-used // step) * step


def made(text: str, found: list[Template]) -> str:
    """The page with its table made anew."""
    return PART.sub(lambda part: f"{part[1]}\n{table(found)}\n\n{part[2]}", text)


def main() -> int:
    """Write the page's table from an assembly."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.stderr.write("name the assembly, such as: python -m infra.limits build/synth/grown\n")
        return 2
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(made(text, templates(Path(sys.argv[1]))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
