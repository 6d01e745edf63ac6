"""Intrinsic functions, names and references across stacks."""

from typing import Any

import pytest

from local.template import TemplateError
from tests.unit.local.assemblies import ACCOUNT, REGION, att, only, ref, res, resolved, stack

TOPIC = res("SNS::Topic", TopicName="events")


def value(expression: Any, **template: Any) -> Any:
    """What an expression in a property comes to."""
    parameters = template.pop("Parameters", {})
    found = resolved(
        stack(
            Resources={"It": res("X::Y", P=expression), "Events": TOPIC},
            Parameters=parameters,
            **template,
        )
    )
    return found["It"].properties.get("P")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ref("AWS::Region"), REGION),
        (ref("AWS::AccountId"), ACCOUNT),
        (ref("Events"), f"arn:aws:sns:{REGION}:{ACCOUNT}:events"),
        (att("Events", "TopicName"), "events"),
        ({"Fn::GetAtt": "Events.TopicName"}, "events"),
        ({"Fn::Join": ["-", ["a", ref("AWS::Region")]]}, f"a-{REGION}"),
        ({"Fn::Sub": "${AWS::Region}/${Events.TopicName}/${!Kept}"}, f"{REGION}/events/${{Kept}}"),
        ({"Fn::Sub": ["${Name}!", {"Name": att("Events", "TopicName")}]}, "events!"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::Base64": "gate"}, "Z2F0ZQ=="),
        ([ref("AWS::NoValue"), 1], [1]),
        ({"kept": 1, "dropped": ref("AWS::NoValue")}, {"kept": 1}),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_an_expression_comes_to_a_plain_value(expression: Any, expected: Any) -> None:
    assert value(expression) == expected


def test_a_property_without_value_is_as_if_it_were_not_written() -> None:
    assert only(res("X::Y", Gone=ref("AWS::NoValue"), Kept=1)).properties == {"Kept": 1}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Fn::Equals": [ref("AWS::Region"), REGION]}, "yes"),
        ({"Fn::Not": [{"Fn::Equals": ["a", "a"]}]}, "no"),
        ({"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["a", "b"]}]}, "no"),
        ({"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Condition": "True"}]}, "yes"),
    ],
)
def test_a_condition_chooses(condition: Any, expected: str) -> None:
    conditions = {"It": condition, "True": {"Fn::Equals": [1, "1"]}}
    assert value({"Fn::If": ["It", "yes", "no"]}, Conditions=conditions) == expected


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    body = {**TOPIC, "Condition": "Never"}
    assert resolved(stack(Resources={"Events": body}, Conditions=conditions)) == {}


def test_a_parameter_has_its_default() -> None:
    assert value(ref("P"), Parameters={"P": {"Type": "String", "Default": "d"}}) == "d"


def test_the_bootstrap_version_is_known_without_an_account() -> None:
    kind = "AWS::SSM::Parameter::Value<String>"
    version = {"Type": kind, "Default": "/cdk-bootstrap/hnb659fds/version"}
    assert int(value(ref("V"), Parameters={"V": version})) >= 6


def test_a_mapping_is_looked_up() -> None:
    mappings = {"Sizes": {REGION: {"big": 3}}}
    assert value({"Fn::FindInMap": ["Sizes", ref("AWS::Region"), "big"]}, Mappings=mappings) == 3


def test_a_value_is_imported_from_another_stack() -> None:
    state = stack(
        "state",
        Resources={"Events": TOPIC},
        Outputs={"O": {"Value": ref("Events"), "Export": {"Name": "state:Events"}}},
    )
    edge = stack("edge", Resources={"It": res("X::Y", P={"Fn::ImportValue": "state:Events"})})
    for order in ([state, edge], [edge, state]):
        assert resolved(*order)["It"].properties["P"] == f"arn:aws:sns:{REGION}:{ACCOUNT}:events"


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        (ref("Nothing"), r"shop/It \(AWS::X::Y\)\.P: .* neither a parameter nor a resource"),
        (att("Events", "Colour"), r"shop/Events .* add the attribute 'Colour' .*physical\.py"),
        (ref("It"), r"does not know what a AWS::X::Y is called; add its shape"),
        ({"Fn::ImportValue": "x"}, r"shop/It .*\.P: no stack of this region exports 'x'"),
        ({"Fn::Cidr": ["10.0.0.0/8"]}, r"shop/It .*\.P: .* does not know Fn::Cidr"),
        ({"deep": [1, ref("Nothing")]}, r"shop/It .*\.P\.deep\[1\]"),
        ({"Fn::If": ["C", 1, 2]}, r"no Conditions\.C"),
    ],
)
def test_what_cannot_be_resolved_says_where(expression: Any, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        value(expression)


def test_a_parameter_without_default_is_refused_with_its_name() -> None:
    with pytest.raises(TemplateError, match="'P' has no default"):
        value(ref("P"), Parameters={"P": {"Type": "String"}})


def test_a_name_that_depends_on_itself_is_refused() -> None:
    with pytest.raises(TemplateError, match="depends on itself"):
        only(res("SNS::Topic", TopicName=att("It", "TopicName"))).name  # noqa: B018, read to fail


def test_a_property_that_nobody_reads_may_be_unresolvable() -> None:
    it = only(res("SNS::Topic", TopicName="events", Policy=ref("Nothing")))
    assert it.ref.endswith(":events")


def test_a_generated_name_is_the_same_in_every_run_and_fits() -> None:
    queue = {"Q" * 90: res("SQS::Queue")}
    first, second = (resolved(stack(Resources=queue))["Q" * 90] for _ in range(2))
    assert first.name == second.name
    assert len(first.name) <= 80


def test_two_names_that_are_cut_alike_differ() -> None:
    body = {f"{'Q' * 90}{end}": res("SQS::Queue") for end in "ab"}
    found = resolved(stack(Resources=body))
    assert len({resource.name for resource in found.values()}) == 2


def test_an_alias_is_called_after_its_function() -> None:
    it = only(
        res("Lambda::Alias", FunctionName=ref("F"), Name="live"),
        F=res("Lambda::Function", FunctionName="http"),
    )
    assert it.ref == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:http:live"
