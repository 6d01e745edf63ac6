"""An AWS account played by moto, into which templates are deployed as far as it knows their types.

What refers to a resource that is left out gets a text instead, so that the rest is deployed.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import boto3
from moto.cloudformation.parsing import get_model_map

from local.template import Stack

ACCOUNT = "111122223333"
ALIAS = "AWS::Lambda::Alias"
BROKEN: Mapping[str, str] = {
    "AWS::KMS::Key": "moto looks for an attribute before it has made the key",
    "AWS::Lambda::EventSourceMapping": "moto has no alias that could be fed",
}
"""Types that moto's CloudFormation knows, and yet cannot make from our templates."""


class Account:
    """CloudFormation of one region of the account."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._formation = boto3.client("cloudformation", region_name=region)

    def publish(self, stacks: tuple[Stack, ...]) -> None:
        """Upload what functions and layers are made of; what is in it is of no interest here."""
        # Only there a bucket needs no word about where it is, and moto does not mind.
        s3 = boto3.client("s3", region_name="us-east-1")
        bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{self._region}"
        s3.create_bucket(Bucket=bucket)
        for key in {key for stack in stacks for key in stack.assets}:
            s3.put_object(Bucket=bucket, Key=key, Body=_zip())

    def create(self, stack: Stack) -> str:
        """Its state afterwards."""
        self._formation.create_stack(
            StackName=stack.name,
            TemplateBody=json.dumps(deployable(stack)),
            Capabilities=["CAPABILITY_IAM"],
        )
        (told,) = self._formation.describe_stacks(StackName=stack.name)["Stacks"]
        return str(told["StackStatus"])

    def ids(self, stack: Stack) -> dict[str, str]:
        """What moto calls each resource, by its logical id."""
        told = self._formation.describe_stack_resources(StackName=stack.name)["StackResources"]
        return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in told}

    def changes(self, stack: Stack) -> list[tuple[str, str]]:
        """What a deploy would do: actions, and the logical ids of what they are done to."""
        self._formation.create_change_set(
            StackName=stack.name,
            ChangeSetName="second",
            ChangeSetType="UPDATE",
            TemplateBody=json.dumps(deployable(stack)),
        )
        told = self._formation.describe_change_set(StackName=stack.name, ChangeSetName="second")
        every = (each["ResourceChange"] for each in told["Changes"])
        return [(each["Action"], each["LogicalResourceId"]) for each in every]


def deployable(stack: Stack) -> dict[str, Any]:
    """The template without what moto does not know."""
    resources = stack.template["Resources"]
    kept = {id_: resource for id_, resource in resources.items() if _is_known(resource)}
    missing = {id_: resource for id_, resource in resources.items() if id_ not in kept}
    found: dict[str, Any] = _without({**stack.template, "Resources": kept}, missing)
    return found


def _is_known(resource: Mapping[str, Any]) -> bool:
    integration = resource.get("Properties", {}).get("Integration", {})
    # moto asks every integration for a method, and what API Gateway answers by itself has none.
    answers_itself = integration.get("Type") == "MOCK"
    return resource["Type"] in get_model_map().keys() - BROKEN.keys() and not answers_itself


def _without(value: Any, missing: Mapping[str, Any]) -> Any:
    match value:
        case {"Ref": str() as name} if missing.get(name, {}).get("Type") == ALIAS:
            function = missing[name]["Properties"]["FunctionName"]["Ref"]
            return {"Fn::GetAtt": [function, "Arn"]}
        case {"Ref": str() as name} if name in missing:
            return f"not-made-{name}"
        case {"Fn::GetAtt": [str() as name, str() as attribute]} if name in missing:
            return f"arn:aws:none:us-east-1:{ACCOUNT}:not-made/{name}/{attribute}"
        case {"DependsOn": named, **rest}:
            ids = [named] if isinstance(named, str) else named
            kept = [id_ for id_ in ids if id_ not in missing]
            return {**_without(rest, missing), "DependsOn": kept}
        case dict():
            return {name: _without(each, missing) for name, each in value.items()}
    return [_without(each, missing) for each in value] if isinstance(value, list) else value


def _zip() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("empty.py", "")
    return archive.getvalue()
