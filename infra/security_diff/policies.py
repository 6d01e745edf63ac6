"""Rights: of roles, by their policies; and of everybody else, by what resources allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.security_diff.facts import Fact, Polarity, Resource, Right, rights, text

RESOURCE_POLICIES: Mapping[str, tuple[str, str]] = {
    "AWS::ApiGateway::RestApi": ("Policy", ""),
    "AWS::KMS::Key": ("KeyPolicy", ""),
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
}
"""By type: the property with the policy, and the one that names what it is for."""


def policies(stack: str, id_: str, resource: Resource) -> Iterator[Fact]:
    """The rights that one resource gives or refuses."""
    type_, properties = resource["Type"], resource.get("Properties", {})
    match type_:
        case "AWS::IAM::Role":
            yield from _role(stack, id_, properties)
        case "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy":
            for holder in (*properties.get("Roles", ()), *properties.get("Users", ())):
                yield from _statements(stack, text(holder), properties["PolicyDocument"], "right")
        case "AWS::Lambda::Permission":
            yield Fact(stack, id_, "resource policy", "opens", _permission(properties))
        case "AWS::Logs::ResourcePolicy":
            yield Fact(stack, id_, "resource policy", "opens", text(properties["PolicyDocument"]))
        case _ if type_ in RESOURCE_POLICIES:
            yield from _resource_policy(stack, id_, type_, properties)


def _role(stack: str, id_: str, properties: Resource) -> Iterator[Fact]:
    who = f"${{{id_}}}"
    trust = properties["AssumeRolePolicyDocument"]
    yield from _statements(stack, who, trust, "who may become a role", on=who)
    for policy in properties.get("Policies", ()):
        yield from _statements(stack, who, policy["PolicyDocument"], "right")
    for managed in properties.get("ManagedPolicyArns", ()):
        yield Fact(stack, who, "right", "opens", f"all of the policy {text(managed)}")
    if "PermissionsBoundary" in properties:
        boundary = text(properties["PermissionsBoundary"])
        yield Fact(stack, who, "permissions boundary", "guards", boundary)


def _resource_policy(stack: str, id_: str, type_: str, properties: Resource) -> Iterator[Fact]:
    document, owner = RESOURCE_POLICIES[type_]
    if document not in properties:
        return
    holder = text(properties[owner]) if owner else f"${{{id_}}}"
    yield from _statements(stack, holder, properties[document], "resource policy", on=holder)
    if type_ == "AWS::ApiGateway::RestApi":
        # Without any policy everybody may call; with one, whom it allows.
        yield Fact(stack, holder, "network", "guards", "has a resource policy")


def _statements(
    stack: str, holder: str, document: Any, kind: str, *, on: str = ""
) -> Iterator[Fact]:
    found = document["Statement"]
    for statement in found if isinstance(found, list) else [found]:
        polarity: Polarity = "opens" if statement["Effect"] == "Allow" else "guards"
        for right in rights(statement, holder, on):
            yield Fact(stack, holder, kind, polarity, right)


def _permission(properties: Resource) -> Right:
    named = ("SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID")
    condition = ", ".join(f"{n} = {text(properties[n])}" for n in named if n in properties)
    who, action = text(properties["Principal"]), text(properties["Action"])
    auth = properties.get("FunctionUrlAuthType")
    on = text(properties["FunctionName"]) + (f" (URL, {auth})" if auth else "")
    return Right(who, action, on, condition)
