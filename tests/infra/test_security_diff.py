"""A change that opens something is seen and named; one that does not is left out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.security_diff.__main__ import main
from infra.security_diff.compare import Change, changes
from tests.infra.templates import Template

REGION = "eu-central-1"
Mutation = Callable[[dict[str, Any]], None]
Assembly = Callable[[str, dict[str, Any]], Path]


@pytest.fixture(scope="module")
def region(deployed: list[Template]) -> dict[str, Any]:
    """The templates of one region, by the stack's name."""
    return {t.name: json.loads(t.text) for t in deployed if t.region == REGION}


@pytest.fixture
def written(tmp_path: Path) -> Assembly:
    """Writes templates as an assembly."""

    def write(name: str, templates: dict[str, Any]) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        artifacts = {}
        for stack, template in templates.items():
            (folder / f"{stack}.json").write_text(json.dumps(template))
            artifacts[stack] = {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://111122223333/{REGION}",
                "properties": {"templateFile": f"{stack}.json"},
            }
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        return folder

    return write


@pytest.fixture
def after(region: dict[str, Any], written: Assembly) -> Callable[[str, Mutation], list[Change]]:
    """What changed once a stack's resources were changed."""

    def compared(part: str, mutate: Mutation) -> list[Change]:
        mutated = json.loads(json.dumps(region))
        mutate(mutated[f"gatehouse-{REGION}-{part}"]["Resources"])
        return changes(written("base", region), written("head", mutated))

    return compared


def first(resources: dict[str, Any], type_: str) -> dict[str, Any]:
    """The first resource of a type."""
    found: dict[str, Any] = next(r for r in resources.values() if r["Type"] == type_)
    return found


def statement(resources: dict[str, Any], action: str) -> dict[str, Any]:
    """The first statement of a role that names an action, with a list of actions."""
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Policy":
            for each in resource["Properties"]["PolicyDocument"]["Statement"]:
                actions = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
                if action in actions:
                    each["Action"] = actions
                    found: dict[str, Any] = each
                    return found
    raise AssertionError(action)


def properties(type_: str, **new: Any) -> Mutation:
    """Gives the first resource of a type other properties; None takes one away."""

    def mutate(resources: dict[str, Any]) -> None:
        held = first(resources, type_)["Properties"]
        for name, value in new.items():
            held.pop(name, None) if value is None else held.update({name: value})

    return mutate


def without(type_: str) -> Mutation:
    def mutate(resources: dict[str, Any]) -> None:
        gone = next(id_ for id_, r in resources.items() if r["Type"] == type_)
        del resources[gone]

    return mutate


def no_deny(resources: dict[str, Any]) -> None:
    held = first(resources, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]
    held["Statement"] = [s for s in held["Statement"] if s["Effect"] != "Deny"]


def one_more_action(resources: dict[str, Any]) -> None:
    statement(resources, "dynamodb:UpdateItem")["Action"].append("dynamodb:DeleteTable")


def every_table(resources: dict[str, Any]) -> None:
    statement(resources, "dynamodb:UpdateItem")["Resource"] = "*"


def anybody_becomes_it(resources: dict[str, Any]) -> None:
    trust = first(resources, "AWS::IAM::Role")["Properties"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"] = {"AWS": "*"}


def administrator(resources: dict[str, Any]) -> None:
    role = first(resources, "AWS::IAM::Role")["Properties"]
    role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AdministratorAccess"]


def anybody_reads_the_bucket(resources: dict[str, Any]) -> None:
    held = first(resources, "AWS::S3::BucketPolicy")["Properties"]["PolicyDocument"]
    held["Statement"].append(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    )


def no_token(resources: dict[str, Any]) -> None:
    for resource in resources.values():
        held = resource.get("Properties", {})
        if resource["Type"] == "AWS::ApiGateway::Method" and held["HttpMethod"] == "POST":
            held["AuthorizationType"] = "NONE"
            return


def user(resources: dict[str, Any]) -> None:
    resources["Somebody"] = {"Type": "AWS::IAM::User", "Properties": {}}


def world(resources: dict[str, Any]) -> None:
    rule = {"CidrIp": "0.0.0.0/0", "FromPort": 22, "ToPort": 22}
    held = {"SecurityGroupIngress": [rule]}
    resources["Door"] = {"Type": "AWS::EC2::SecurityGroup", "Properties": held}


@pytest.mark.parametrize(
    ("part", "mutate", "says"),
    [
        ("edge", one_more_action, "dynamodb:DeleteTable"),
        ("edge", every_table, "dynamodb:UpdateItem on *"),
        ("edge", anybody_becomes_it, "*: sts:AssumeRole"),
        ("edge", administrator, "AdministratorAccess"),
        ("edge", no_token, "can be called without a token"),
        ("edge", user, "lasting credentials"),
        ("edge", world, "ports 22-22 to the world"),
        ("edge", without("AWS::WAFv2::WebACLAssociation"), "no firewall stands before it"),
        ("edge", properties("AWS::WAFv2::WebACL", Rules=[]), "rule "),
        (
            "edge",
            properties("AWS::ApiGateway::RestApi", EndpointConfiguration={"Types": ["EDGE"]}),
            "address of the kind EDGE",
        ),
        ("edge", properties("AWS::ApiGateway::RestApi", SecurityPolicy=None), "TLS older"),
        ("edge", properties("AWS::ApiGateway::Stage", AccessLogSetting=None), "no access log"),
        ("edge", properties("AWS::Lambda::Function", KmsKeyArn=None), "environment not encrypted"),
        ("edge", properties("AWS::Lambda::Permission", SourceArn=None), "lambda:InvokeFunction"),
        ("edge", properties("AWS::Logs::LogGroup", KmsKeyId=None), "not encrypted"),
        ("keys", properties("AWS::KMS::Key", EnableKeyRotation=False), "is never rotated"),
        ("state", no_deny, "aws:SecureTransport"),
        ("state", without("AWS::S3::BucketPolicy"), "aws:SecureTransport"),
        ("state", anybody_reads_the_bucket, "*: s3:GetObject"),
        ("state", properties("AWS::S3::Bucket", BucketEncryption=None), "not encrypted"),
        (
            "state",
            properties("AWS::S3::Bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": True}),
            "may become public",
        ),
        ("state", properties("AWS::DynamoDB::Table", SSESpecification=None), "not encrypted"),
        (
            "state",
            properties("AWS::DynamoDB::Table", PointInTimeRecoverySpecification=None),
            "cannot be set back in time",
        ),
        ("state", properties("AWS::SNS::Topic", KmsMasterKeyId=None), "not encrypted"),
        ("webhooks", properties("AWS::SQS::Queue", KmsMasterKeyId=None), "not encrypted"),
    ],
)
def test_what_opens_something_is_broader_and_its_opposite_is_narrower(
    region: dict[str, Any], written: Assembly, part: str, mutate: Mutation, says: str
) -> None:
    mutated = json.loads(json.dumps(region))
    mutate(mutated[f"gatehouse-{REGION}-{part}"]["Resources"])
    base, head = written("base", region), written("head", mutated)
    there = {str(c.fact.says) for c in changes(base, head) if c.effect == "broader"}
    back = {str(c.fact.says) for c in changes(head, base) if c.effect == "narrower"}
    assert [said for said in there if says in said], there
    assert there == back


def test_equal_templates_have_no_changes(
    region: dict[str, Any], written: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    base, head = written("base", region), written("head", region)
    assert main([str(base), str(head), "--fail-on-broadening"]) == 0
    assert capsys.readouterr().out == "nothing that matters for security has changed\n"


def test_a_right_that_an_earlier_one_gave_is_no_news(
    after: Callable[[str, Mutation], list[Change]],
) -> None:
    def said_otherwise(resources: dict[str, Any]) -> None:
        wide = statement(resources, "dynamodb:UpdateItem")
        wide["Resource"] = (
            [wide["Resource"]] if isinstance(wide["Resource"], dict) else wide["Resource"]
        )
        wide["Action"].reverse()

    assert not after("edge", said_otherwise)


def test_a_condition_more_is_narrower(after: Callable[[str, Mutation], list[Change]]) -> None:
    def conditional(resources: dict[str, Any]) -> None:
        wide = statement(resources, "dynamodb:UpdateItem")
        wide["Condition"] = {"StringEquals": {"aws:PrincipalTag/a": "b"}}

    assert {change.effect for change in after("edge", conditional)} == {"narrower"}


def test_a_new_agent_s_rights_are_shown_and_what_guards_it_is_not(
    region: dict[str, Any], written: Assembly
) -> None:
    fewer = {name: t for name, t in region.items() if not name.endswith("-agent-kyc-screening")}
    found = changes(written("base", fewer), written("head", region))
    assert {change.fact.stack for change in found} == {"agent-kyc-screening"}
    assert {change.effect for change in found} == {"broader"}
    assert {change.fact.polarity for change in found} == {"opens"}


def test_ci_fails_on_what_is_broader_only_if_it_is_asked_to(
    region: dict[str, Any], written: Assembly, capsys: pytest.CaptureFixture[str]
) -> None:
    mutated = json.loads(json.dumps(region))
    administrator(mutated[f"gatehouse-{REGION}-edge"]["Resources"])
    base, head = str(written("base", region)), str(written("head", mutated))
    assert main([base, head]) == 0
    assert "AdministratorAccess" in capsys.readouterr().out
    assert main([base, head, "--fail-on-broadening"]) == 1
    assert main([head, base, "--fail-on-broadening"]) == 0
    capsys.readouterr()
    assert main([base, head, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["effect"], told["change"], told["regions"]) == ("broader", "added", [REGION])


def test_a_base_that_is_neither_a_folder_nor_a_revision_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["no-such-revision"]) == 2
    assert "neither a folder nor a git revision" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert "no cloud assembly" in capsys.readouterr().err
