"""What every function promises: a role of its own, logs that end, and traces."""

import json

from tests.infra.templates import Resource, Template, each, entrypoint

FUNCTION = "AWS::Lambda::Function"
BEHIND_THE_SCENES = {"budget_guard", "exporter", "reconciler", "sweeper", "webhooks"}
"""The entrypoints that nobody waits for."""
TAGGED = {
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}


def test_functions_run_python_3_13_on_arm(every: list[Template]):
    for template, id_, function in each(every, FUNCTION):
        runs_on = (function["Runtime"], function["Architectures"])
        assert runs_on == ("python3.13", ["arm64"]), (template.name, id_)


def test_no_two_functions_share_a_role(every: list[Template]):
    for template in every:
        roles = [f["Role"]["Fn::GetAtt"][0] for f in template.of_type(FUNCTION).values()]
        assert len(roles) == len(set(roles)), template.name


def test_every_function_exports_its_spans_within_its_region(every: list[Template]):
    for template, id_, function in each(every, FUNCTION):
        traces = json.loads(function["Environment"]["Variables"]["GATEHOUSE_TRACES"])
        own = f"https://xray.{template.region}.amazonaws.com/v1/traces"
        assert traces["endpoint"] == own, (template.name, id_)
        # Lambda's own traces have ids of their own, which no other hop of a request knows.
        assert "TracingConfig" not in function, (template.name, id_)


def test_every_function_logs_to_a_group_that_forgets_after_three_months(every: list[Template]):
    for template, id_, function in each(every, FUNCTION):
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        days = template.of_type("AWS::Logs::LogGroup")[group]["RetentionInDays"]
        assert days == 90, (template.name, id_)


def test_every_log_group_forgets(every: list[Template]):
    for template, id_, group in each(every, "AWS::Logs::LogGroup"):
        assert group["RetentionInDays"] <= 90, (template.name, id_)


def test_what_somebody_waits_for_starts_from_a_snapshot_and_nothing_else(every: list[Template]):
    for template, id_, function in each(every, FUNCTION):
        wanted = (
            None if entrypoint(function) in BEHIND_THE_SCENES else {"ApplyOn": "PublishedVersions"}
        )
        assert function.get("SnapStart") == wanted, (template.name, id_)


def test_callers_reach_the_newest_version(every: list[Template]):
    for template, id_, _ in each(every, FUNCTION):
        (alias,) = _aliases(template, id_)
        version = alias["FunctionVersion"]["Fn::GetAtt"][0]
        published = template.of_type("AWS::Lambda::Version")[version]
        assert (alias["Name"], published["FunctionName"]) == ("live", {"Ref": id_})


def test_nothing_calls_a_function_past_its_alias(every: list[Template]):
    for template in every:
        functions = set(template.of_type(FUNCTION))
        for type_, field in (
            ("AWS::Lambda::EventSourceMapping", "FunctionName"),
            ("AWS::Lambda::Permission", "FunctionName"),
            ("AWS::ApiGateway::Method", "Integration"),
            ("AWS::ApiGateway::Authorizer", "AuthorizerUri"),
        ):
            for id_, properties in template.of_type(type_).items():
                direct = [f for f in functions if f"'{f}'" in str(properties[field])]
                assert not direct, (template.name, id_)


def test_every_handler_is_in_its_bundle(every: list[Template]):
    for template, id_, function in each(every, FUNCTION):
        module, _, name = function["Handler"].rpartition(".")
        file = template.asset(function) / f"{module.replace('.', '/')}.py"
        assert f"def {name}(" in file.read_text(encoding="utf-8"), (template.name, id_)


def test_every_function_has_our_packages_and_only_the_authorizer_has_cryptography(
    every: list[Template],
):
    for template, id_, function in each(every, FUNCTION):
        versions = template.of_type("AWS::Lambda::LayerVersion")
        layers = [template.asset(versions[layer["Ref"]]) for layer in function["Layers"]]
        packages = {path.name for layer in layers for path in (layer / "python").iterdir()}
        assert {"aws_lambda_powertools", "pydantic"} <= packages, (template.name, id_)
        is_authorizer = ".authorizer." in function["Handler"]
        assert ("cryptography" in packages) == is_authorizer, (template.name, id_)


def test_cost_can_be_told_apart_by_zone_and_by_agent(every: list[Template]):
    for template in every:
        for id_, resource in template.resources.items():
            if resource["Type"] in TAGGED:
                tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
                assert tags["gatehouse:zone"] in {"eu", "us"}, (template.name, id_)
                agent = template.name.partition("-agent-")[2].replace("-", "_")
                assert tags.get("gatehouse:agent", "") == agent, (template.name, id_)


def _aliases(template: Template, function: str) -> list[Resource]:
    aliases = template.of_type("AWS::Lambda::Alias").values()
    return [alias for alias in aliases if alias["FunctionName"] == {"Ref": function}]
