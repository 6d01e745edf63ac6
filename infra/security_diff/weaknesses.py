"""What is not as safe as it could be: a key, a check or a barrier that a resource lacks.

A weakness that a change adds is news, also where the resource is new; one that it ends is good.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.security_diff.facts import Fact, Resource, text

Safe = Callable[[Resource], bool]
PUBLIC = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
OLD_TLS = {"TLS_1_0", "SSLv3", "TLSv1", None}
ANYWHERE = {"0.0.0.0/0", "::/0"}


def _has(*path: str) -> Safe:
    """Whether something stands at a path of properties."""

    def holds(properties: Resource) -> bool:
        found: Any = properties
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found not in (None, False, "", "false", [])

    return holds


def _not_public(properties: Resource) -> bool:
    block = properties.get("PublicAccessBlockConfiguration", {})
    return all(bool(block.get(name)) for name in PUBLIC)


def _asks_who_calls(properties: Resource) -> bool:
    if properties["HttpMethod"] == "OPTIONS":
        return True  # Browsers ask with OPTIONS before they may send a token.
    return str(properties.get("AuthorizationType", "NONE")) != "NONE"


def _modern_tls(properties: Resource) -> bool:
    return properties.get("SecurityPolicy") not in OLD_TLS


WEAKNESSES: Mapping[str, Mapping[str, Safe]] = {
    "AWS::ApiGateway::DomainName": {"takes TLS older than 1.2": _modern_tls},
    "AWS::ApiGateway::Method": {"can be called without a token": _asks_who_calls},
    "AWS::ApiGateway::RestApi": {"takes TLS older than 1.2": _modern_tls},
    "AWS::ApiGateway::Stage": {"keeps no access log": _has("AccessLogSetting")},
    "AWS::DynamoDB::Table": {
        "not encrypted with a key of our own": _has("SSESpecification", "KMSMasterKeyId"),
        "cannot be set back in time": _has(
            "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"
        ),
        "can be deleted by a mistake": _has("DeletionProtectionEnabled"),
    },
    "AWS::IAM::User": {"a user with lasting credentials": lambda _: False},
    "AWS::IAM::AccessKey": {"lasting credentials": lambda _: False},
    "AWS::KinesisFirehose::DeliveryStream": {
        "not encrypted with a key of our own": _has(
            "DeliveryStreamEncryptionConfigurationInput", "KeyARN"
        )
    },
    "AWS::KMS::Key": {"is never rotated": _has("EnableKeyRotation")},
    "AWS::Lambda::Function": {"environment not encrypted with a key of our own": _has("KmsKeyArn")},
    "AWS::Lambda::Url": {"a public address of its own": lambda p: p["AuthType"] != "NONE"},
    "AWS::Logs::LogGroup": {"not encrypted with a key of our own": _has("KmsKeyId")},
    "AWS::S3::Bucket": {
        "not encrypted with a key of our own": _has("BucketEncryption"),
        "may become public": _not_public,
    },
    "AWS::SecretsManager::Secret": {"not encrypted with a key of our own": _has("KmsKeyId")},
    "AWS::SNS::Topic": {"not encrypted": _has("KmsMasterKeyId")},
    "AWS::SQS::Queue": {
        "not encrypted": lambda p: _has("KmsMasterKeyId")(p) or _has("SqsManagedSseEnabled")(p)
    },
}


def weaknesses(stack: str, id_: str, resource: Resource) -> Iterator[Fact]:
    """What one resource lacks, and what of it anybody can reach."""
    type_, properties = resource["Type"], resource.get("Properties", {})
    for says, is_safe in WEAKNESSES.get(type_, {}).items():
        if not is_safe(properties):
            yield Fact(stack, id_, "protection", "opens", says)
    if resource.get("DeletionPolicy", "Delete").startswith("Retain"):
        yield Fact(stack, id_, "protection", "guards", "outlives its stack")
    match type_:
        case "AWS::ApiGateway::RestApi":
            kinds = properties.get("EndpointConfiguration", {}).get("Types", ["EDGE"])
            yield Fact(stack, id_, "network", "opens", f"address of the kind {', '.join(kinds)}")
        case "AWS::EC2::SecurityGroup" | "AWS::EC2::SecurityGroupIngress":
            yield from _ingress(stack, id_, properties)
        case "AWS::WAFv2::WebACL":
            yield from _firewall(stack, id_, properties)


def of_template(stack: str, resources: Mapping[str, Resource]) -> Iterator[Fact]:
    """What only all resources together tell: whether a firewall stands before each stage."""
    types = [resource["Type"] for resource in resources.values()]
    if "AWS::WAFv2::WebACLAssociation" in types:
        return
    for id_, resource in resources.items():
        if resource["Type"] == "AWS::ApiGateway::Stage":
            yield Fact(stack, id_, "network", "opens", "no firewall stands before it")


def _ingress(stack: str, id_: str, properties: Resource) -> Iterator[Fact]:
    for rule in properties.get("SecurityGroupIngress", [properties]):
        source = text(
            rule.get("CidrIp") or rule.get("CidrIpv6") or rule.get("SourceSecurityGroupId")
        )
        ports = f"{rule.get('FromPort', 'all')}-{rule.get('ToPort', 'all')}"
        open_to = "the world" if source in ANYWHERE else source
        yield Fact(stack, id_, "network", "opens", f"ports {ports} to {open_to}")


def _firewall(stack: str, id_: str, properties: Resource) -> Iterator[Fact]:
    for rule in properties.get("Rules", ()):
        action = rule.get("Action") or {"Override": rule.get("OverrideAction")}
        says = f"rule {rule['Name']}: {text(action)} {text(rule['Statement'])}"
        yield Fact(stack, id_, "firewall", "guards", says)
