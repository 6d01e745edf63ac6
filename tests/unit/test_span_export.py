"""Where spans may go, as a zone says it and as a function is told."""

import pytest
from pydantic import ValidationError

from functions.domain.span_export import SpanExport
from functions.domain.zone import Zones
from functions.settings import Settings
from infra.blueprint import ROOT

CLOUDWATCH = "https://xray.eu-central-1.amazonaws.com/v1/traces"
DATADOG = "https://otlp.datadoghq.eu/v1/traces"


def zone(telemetry: str) -> SpanExport | None:
    text = (ROOT / "infra" / "zones.toml").read_text(encoding="utf-8")
    before, _, _ = text.partition("[zones.us]")
    own = ("[zones.eu.telemetry]", "sample_ratio")
    kept = "\n".join(line for line in before.splitlines() if not line.startswith(own))
    found = Zones.parse(kept.replace("[zones.eu]", f"[zones.eu]\n{telemetry}", 1))
    return found.zones["eu"].telemetry


def test_without_an_endpoint_it_is_the_region_s_own():
    export = SpanExport()
    assert export.in_region("eu-central-1").endpoint == CLOUDWATCH
    assert export.in_region("eu-central-1").aws_region == "eu-central-1"
    chinese = export.in_region("cn-north-1")
    assert chinese.endpoint == "https://xray.cn-north-1.amazonaws.com.cn/v1/traces"
    assert chinese.aws_region == "cn-north-1"


def test_an_endpoint_that_is_named_is_the_same_in_every_region_and_is_not_signed():
    export = SpanExport(endpoint=DATADOG, headers_secret="gatehouse/otlp").in_region("eu-west-1")
    assert (export.endpoint, export.aws_region) == (DATADOG, None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('telemetry = { endpoint = "http://otlp.example.com/v1/traces" }', "must begin with https"),
        ('telemetry = { endpoint = "otlp.example.com" }', "String should match pattern"),
        ('telemetry = { endpoint = "https://user:pw@example.com" }', "String should match pattern"),
        ('telemetry = { headers_secret = "otlp" }', "name the endpoint that takes them"),
        (f'telemetry = {{ endpoint = "{CLOUDWATCH}", headers_secret = "x" }}', "takes signatures"),
        ("telemetry = { sample_ratio = 1.1 }", "less than or equal to 1"),
        ("telemetry = { flush_milliseconds = 2001 }", "less than or equal to 2000"),
        ("telemetry = { token = 'secret' }", "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_exported_to_is_refused(wrong: str, message: str):
    with pytest.raises(ValidationError, match=message):
        zone(wrong)


def test_a_function_is_told_what_the_zone_says():
    export = zone("telemetry = { sample_ratio = 0.25 }")
    assert export is not None
    told = Settings(zone="eu", region="eu-central-1", traces=export.in_region("eu-central-1"))
    assert CLOUDWATCH in told.to_env()["GATEHOUSE_TRACES"]
    assert Settings.from_env(told.to_env()) == told
    assert "GATEHOUSE_TRACES" not in Settings(zone="eu", region="eu-central-1").to_env()
