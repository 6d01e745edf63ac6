"""Exporting spans costs a right, and a zone that wants none has none."""

import json

from tests.infra.conftest import OTLP
from tests.infra.templates import Template, each


def in_region(found: list[Template], region: str) -> list[Template]:
    return [template for template in found if template.region == region]


def test_who_exports_to_a_collector_may_read_its_token_and_asks_aws_for_nothing(
    switched_on: list[Template],
):
    here = in_region(switched_on, "eu-central-1")
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:gatehouse/otlp-??????"
    for template, id_, function in each(here, "AWS::Lambda::Function"):
        traces = json.loads(function["Environment"]["Variables"]["GATEHOUSE_TRACES"])
        assert traces["endpoint"] == OTLP, (template.name, id_)
        assert arn in template.text, (template.name, id_)
    assert not [template.name for template in here if "xray:Put" in template.text]


def test_who_exports_nothing_has_no_right_to(switched_on: list[Template]):
    here = in_region(switched_on, "us-east-1")
    for template, id_, function in each(here, "AWS::Lambda::Function"):
        assert "GATEHOUSE_TRACES" not in function["Environment"]["Variables"], (template.name, id_)
    for template in here:
        assert "xray:Put" not in template.text, template.name
        assert "gatehouse/otlp" not in template.text, template.name
