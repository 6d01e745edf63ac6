"""A stage is data: what it says is in its templates, and nothing else differs."""

from pathlib import Path

import pytest

from infra.blueprint import Blueprint, Refused, Sources
from infra.place import Place
from infra.stages import FILE, Canary, Linear, Stages
from infra.synth import assembly
from tests.infra.estates import HAIKU, TIERS, ZONES, estate, manifest
from tests.infra.templates import Template, each, entrypoint, templates

REGION = "us-east-1"
ALIAS = "AWS::Lambda::Alias"
GROUP = "AWS::CodeDeploy::DeploymentGroup"
SHIFTED = {"authorizer", "http", "queue", "usage", "webhooks"}
"""The entrypoints that somebody waits for, or whose calls come all the time."""
KEPT = {"Retain", "RetainExceptOnCreate"}
DATA = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket"}


def stage_files(home: Path, stages: str, **zones: str) -> Path:
    """A file of stages, with the files of zones that it names beside it."""
    home.mkdir(parents=True, exist_ok=True)
    for name, text in zones.items():
        (home / f"{name}.toml").write_text(text, encoding="utf-8")
    file = home / "stages.toml"
    file.write_text(stages, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> list[Template]:
    """A region of a stage that keeps nothing and has warm functions."""
    home = tmp_path_factory.mktemp("passing")
    us = f'us = ["us.{HAIKU}"]'
    sources = estate(home / "estate", agents={"echo": manifest(us)}, teams=TIERS)
    own = ZONES.replace("111122223333", "777788889999")
    stages = """
[stages.prod]
zones = "prod.toml"
[stages.try]
zones = "own.toml"
keeps_data = false
log_retention_days = 5
provisioned_concurrency = { http = 3 }
[stages.try.rollout]
kind = "linear"
minutes = 1
"""
    file = stage_files(home, stages, prod=ZONES, own=own)
    chosen = Sources(
        agents=sources.agents,
        events=sources.events,
        teams=sources.teams,
        zones=home / "own.toml",
        stages=file,
        stage="try",
    )
    return templates(assembly(regions=[REGION], out=home / "out", sources=chosen))


def test_every_function_that_callers_wait_for_is_shifted_bit_by_bit(every: list[Template]) -> None:
    shifted = set()
    for template, id_, alias in each(every, ALIAS):
        function = template.of_type("AWS::Lambda::Function")[alias["FunctionName"]["Ref"]]
        policy = template.resources[id_].get("UpdatePolicy", {})
        if policy:
            group = template.of_type(GROUP)[
                policy["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
            ]
            assert group["DeploymentConfigName"] == "LambdaCanary10Percent5Minutes"
            shifted.add(entrypoint(function))
    assert shifted == SHIFTED


def test_a_new_version_is_turned_back_by_alarms_that_watch_it_alone(every: list[Template]) -> None:
    for template, id_, group in each(every, GROUP):
        assert set(group["AutoRollbackConfiguration"]["Events"]) == {
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST",
        }
        known = template.of_type("AWS::CloudWatch::Alarm")
        alarms = [known[a["Name"]["Ref"]] for a in group["AlarmConfiguration"]["Alarms"]]
        assert group["AlarmConfiguration"]["Enabled"], (template.name, id_)
        own = [a for a in alarms if a["Namespace"] == "AWS/Lambda"]
        assert {a["MetricName"] for a in own} == {"Duration", "Errors"}, (template.name, id_)
        for alarm in own:
            dimensions = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
            version = dimensions["ExecutedVersion"]["Fn::GetAtt"][0]
            published = template.of_type("AWS::Lambda::Version")[version]
            assert published["FunctionName"] == dimensions["FunctionName"], (template.name, id_)


def test_who_shifts_a_function_can_shift_no_other(every: list[Template]) -> None:
    for template, id_, group in each(every, GROUP):
        role = group["ServiceRoleArn"]["Fn::GetAtt"][0]
        assert "ManagedPolicyArns" not in template.resources[role]["Properties"], (
            template.name,
            id_,
        )
        (policy,) = (
            policy
            for policy in template.of_type("AWS::IAM::Policy").values()
            if {"Ref": role} in policy["Roles"]
        )
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Action"] != "cloudwatch:DescribeAlarms":
                assert "*" not in str(statement["Resource"]), (template.name, id_)


def test_what_keeps_nothing_can_be_deleted_to_the_last_table(passing: list[Template]) -> None:
    seen = set()
    for template in passing:
        for id_, resource in template.resources.items():
            if resource["Type"] in DATA:
                assert resource.get("DeletionPolicy") not in KEPT, (template.name, id_)
                assert resource.get("UpdateReplacePolicy") not in KEPT, (template.name, id_)
                seen.add(resource["Type"])
    assert seen == DATA
    for template, id_, table in each(passing, "AWS::DynamoDB::Table"):
        assert table["DeletionProtectionEnabled"] is False, (template.name, id_)
    for template, id_, group in each(passing, "AWS::Logs::LogGroup"):
        assert group["RetentionInDays"] == 5, (template.name, id_)


def test_what_is_for_good_is_kept(deployed: list[Template]) -> None:
    for template in deployed:
        for id_, resource in template.resources.items():
            if resource["Type"] in DATA:
                assert resource["DeletionPolicy"] in KEPT, (template.name, id_)


def test_a_stage_has_its_own_pace_account_and_name(passing: list[Template]) -> None:
    for _, _, group in each(passing, GROUP):
        assert group["DeploymentConfigName"] == "LambdaLinear10PercentEvery1Minute"
    for template, id_, function in each(passing, "AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        assert variables["GATEHOUSE_STAGE"] == "try", (template.name, id_)
    for template, id_, table in each(passing, "AWS::DynamoDB::Table"):
        assert {"Key": "gatehouse:stage", "Value": "try"} in table["Tags"], (template.name, id_)
    assert not [t.name for t in passing if "111122223333" in t.text]


def test_a_warm_function_has_no_snapshot(passing: list[Template]) -> None:
    for template, _, alias in each(passing, ALIAS):
        function = template.of_type("AWS::Lambda::Function")[alias["FunctionName"]["Ref"]]
        is_warm = entrypoint(function) == "http"
        assert not (is_warm and "SnapStart" in function)
        wanted = {"ProvisionedConcurrentExecutions": 3} if is_warm else None
        assert alias.get("ProvisionedConcurrencyConfig") == wanted


TWO = """
[stages.prod]
zones = "prod.toml"
[stages.dev]
zones = "dev.toml"
"""


def test_stacks_carry_the_stage_where_it_shares_its_account(tmp_path: Path) -> None:
    here = ZONES.replace('["eu-central-1", "eu-west-1"]', '["eu-central-1"]')
    there = ZONES.replace('["eu-central-1", "eu-west-1"]', '["eu-west-1"]').replace(
        "us-east-1", "us-west-2"
    )
    file = stage_files(tmp_path, TWO, prod=here, dev=there)
    for name, region in (("prod", "eu-central-1"), ("dev", "eu-west-1")):
        blueprint = Blueprint.read(files_of(file, name))
        place = blueprint.place(blueprint.zones.of_region(region), region)
        assert place.stack_name("edge") == f"gatehouse-{name}-{region}-edge"


def test_two_stages_in_one_region_of_an_account_are_refused(tmp_path: Path) -> None:
    file = stage_files(tmp_path, TWO, prod=ZONES, dev=ZONES)
    with pytest.raises(Refused, match="the stage prod is in eu-central-1 of the account"):
        Blueprint.read(files_of(file, "dev"))


def files_of(file: Path, stage: str) -> Sources:
    """The stage's own zones; teams and flags are those of the repository."""
    own = Sources()
    return Sources(
        teams=own.teams,
        flags=own.flags,
        zones=file.with_name(f"{stage}.toml"),
        stages=file,
        stage=stage,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "[stages.prod]\ncanary = 5",
        "[stages.Prod]",
        "[stages.prod]\nlog_retention_days = 365",
        '[stages.prod.rollout]\nkind = "canary"\nminutes = 7',
        '[stages.prod.rollout]\nkind = "linear"\nminutes = 5',
        "[stages.prod]\nprovisioned_concurrency = { sweeper = 1 }",
        '[stages.prod]\nzones = "../zones.toml"',
        "",
    ],
)
def test_what_a_stage_cannot_be_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Sources.of("prod", stage_files(tmp_path, wrong))


def test_a_stage_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match=r"there is no stage 'qa'; stages\.toml has: prod, dev"):
        Sources.of("qa")


@pytest.mark.parametrize("stage", Stages.parse(FILE.read_text(encoding="utf-8")).stages)
def test_every_stage_of_the_repository_can_be_deployed(stage: str) -> None:
    assert Blueprint.read(Sources.of(stage)).stage.name == stage


def test_a_pace_is_one_that_codedeploy_knows() -> None:
    assert Canary(kind="canary", minutes=30).configuration == "LambdaCanary10Percent30Minutes"
    assert Linear(kind="linear", minutes=10).configuration == (
        "LambdaLinear10PercentEvery10Minutes"
    )
    assert Linear(kind="linear", minutes=1).configuration == "LambdaLinear10PercentEvery1Minute"


def test_a_place_says_its_stage_to_every_function() -> None:
    zone = Blueprint.read().zones.zones["us"]
    assert Place(zone, REGION).settings()["stage"] == "prod"
