"""cdk-nag: AWS's own rules for solutions and for serverless applications.

It checks constructs, and a construct can be made of a template. So what it reads is what is
deployed, all aspects and overrides included, and our own synth knows nothing of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from infra.analysis.finding import Broken, Finding
from infra.analysis.templates import Resource, Template
from infra.node import use_packaged_node

if TYPE_CHECKING:
    from aws_cdk import App, PolicyViolatingResource

PACKAGE = "cdk-nag"
ANYTHING = "Resource::*"


def findings(templates: Sequence[Template]) -> list[Finding]:
    """What the packs find in all templates."""
    use_packaged_node()
    # Starting the CDK takes seconds, so that is left until it is needed.
    from aws_cdk import App

    with TemporaryDirectory() as scratch:
        app = App(analytics_reporting=False, outdir=scratch)
        # Stages have stacks of the same name, so each gets another one here.
        by_stack = {f"Stack{number}": template for number, template in enumerate(templates)}
        return [*_findings(app, by_stack)]


def _findings(app: "App", by_stack: Mapping[str, Template]) -> Iterator[Finding]:
    from aws_cdk import Stack
    from aws_cdk.cloudformation_include import CfnInclude
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    for name, template in by_stack.items():
        CfnInclude(Stack(app, name), "Template", template_file=str(template.file))
    for pack in (AwsSolutionsChecks(), ServerlessChecks()):
        for violation in pack.validate_scope(app).violations:
            rule, detail = _rule(violation.rule_name)
            for at in violation.violating_resources:
                template, logical_id = _resource(by_stack, at)
                for what in _details(template.resources[logical_id], detail):
                    yield Finding.at(template, logical_id, rule, what)


def _rule(name: str) -> tuple[str, str]:
    """``AwsSolutions-IAM5[Resource::*]`` is a rule and what it looked at."""
    found = re.fullmatch(r"([\w-]+)(?:\[(.*)\])?", name)
    if not found:
        raise Broken(f"{PACKAGE}: a rule of an unknown form: {name}")
    return found[1], found[2] or ""


def _resource(
    by_stack: Mapping[str, Template], at: "PolicyViolatingResource"
) -> tuple[Template, str]:
    stack, _, logical_id = (at.construct_path or "").split("/", 2)
    return by_stack[stack], logical_id


def _details(resource: Resource, detail: str) -> Iterator[str]:
    """``Resource::*`` says nothing; what may be done there is what a reviewer asks."""
    if detail == ANYTHING:
        yield from (f"{detail} {action}" for action in sorted({*_open_actions(resource)}))
    else:
        yield detail


def _open_actions(resource: Resource) -> Iterator[str]:
    properties = resource["Properties"]
    documents = [properties, *properties.get("Policies", [])]
    for statement in (s for d in documents for s in _statements(d)):
        if "*" in _list(statement.get("Resource", [])):
            yield from _list(statement.get("Action", "anything"))


def _statements(policy: Resource) -> list[Resource]:
    found: list[Resource] = _list(policy.get("PolicyDocument", {}).get("Statement", []))
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
