"""The doctor tells what is wrong, how wrong, and what to do; and never what it does not know."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.calls import CannotCall
from cli.doctor import account, billing, commands, deployed, here, identity, models, quotas, smoke
from cli.doctor.finding import Finding, Severity, error, exit_code, fine, warning
from functions.domain.issuer import Issuer
from infra.blueprint import ROOT, Sources
from tests.infra.estates import HAIKU, ZONES, estate, manifest
from tests.unit.cli.doctors import ACCOUNT, NOW, REGION, FakeAws, refused, site

SEVERITIES = (Severity.FINE, Severity.WARNING, Severity.ERROR)
GRANTED = {
    "agreementAvailability": {"status": "AVAILABLE"},
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}


def only(findings: Any) -> Finding:
    (finding,) = findings
    assert isinstance(finding, Finding)
    assert (finding.severity is Severity.FINE) == (finding.remedy == "")
    return finding


def identified(number: str) -> dict[str, str]:
    return {"Account": number, "Arn": f"arn:aws:iam::{number}:user/someone"}


def test_the_exit_code_is_that_of_the_worst_finding() -> None:
    found = [fine("a", "b"), warning("a", "b", "c"), error("a", "b", "c")]
    assert [exit_code(found[:count]) for count in range(4)] == [0, 0, 1, 2]


def test_in_another_account_nothing_else_is_looked_at() -> None:
    aws = FakeAws({("sts", "get_caller_identity"): identified("999900001111")})
    found = only(commands.look_before(site(aws)))
    assert found.severity is Severity.ERROR
    assert ACCOUNT in found.found
    assert aws.asked == [("sts", REGION, "get_caller_identity")]


def test_credentials_that_are_not_valid_are_an_error_and_not_a_traceback() -> None:
    aws = FakeAws({("sts", "get_caller_identity"): refused("ExpiredToken")})
    found = only(commands.look_before(site(aws)))
    assert (found.severity, "sign in again" in found.found) == (Severity.ERROR, True)


@pytest.mark.parametrize(("version", "severity"), [("6", SEVERITIES[0]), ("5", SEVERITIES[2])])
def test_an_old_bootstrap_is_an_error(version: str, severity: Severity) -> None:
    aws = FakeAws({("ssm", "get_parameter"): {"Parameter": {"Value": version}}})
    assert only(account.bootstrap(site(aws))).severity is severity


def test_a_region_that_was_never_bootstrapped_is_told_the_command_that_does_it() -> None:
    aws = FakeAws({("ssm", "get_parameter"): refused("ParameterNotFound")})
    found = only(account.bootstrap(site(aws)))
    assert found.remedy == "make bootstrap REGION=eu-central-1 STAGE=prod"


def test_what_may_not_be_asked_is_a_warning_of_its_own_and_the_rest_is_looked_at() -> None:
    denied = refused("AccessDeniedException", "GetParameter")
    aws = FakeAws(
        {("sts", "get_caller_identity"): identified(ACCOUNT), ("ssm", "get_parameter"): denied}
    )
    found = [*commands.asked(account.bootstrap, site(aws))]
    assert only(found).severity is Severity.WARNING
    assert "may not ssm:GetParameter" in found[0].found


@pytest.fixture
def demanding(tmp_path: Path) -> Sources:
    """A zone that names things which it does not make."""
    zones = ZONES.replace(
        "[zones.eu]",
        '[zones.eu]\npermissions_boundary = "arn:aws:iam::111122223333:policy/b"',
        1,
    )
    zones += """
[zones.eu.second_detector]
service = "guardrail"
guardrails = { eu-central-1 = "abc1:7", eu-west-1 = "abc2:1" }

[zones.eu.edge]
vpc_endpoints = { eu-central-1 = ["vpce-0123abcd"], eu-west-1 = ["vpce-4567cdef"] }
"""
    return estate(tmp_path / "e", agents={"echo": manifest()}, zones=zones)


def test_what_a_zone_names_must_be_there(demanding: Sources) -> None:
    there = {
        ("iam", "get_policy"): {"Policy": {}},
        ("bedrock", "get_guardrail"): {"status": "READY"},
        ("ec2", "describe_vpc_endpoints"): {
            "VpcEndpoints": [
                {
                    "VpcEndpointId": "vpce-0123abcd",
                    "State": "available",
                    "ServiceName": "com.amazonaws.eu-central-1.execute-api",
                }
            ]
        },
    }
    found = [*account.named_things(site(FakeAws(there), demanding))]
    assert [f.severity for f in found] == [Severity.FINE] * 3


def test_what_a_zone_names_and_is_not_there_is_an_error_each(demanding: Sources) -> None:
    absent = {
        ("iam", "get_policy"): refused("NoSuchEntity"),
        ("bedrock", "get_guardrail"): {"status": "CREATING"},
        ("ec2", "describe_vpc_endpoints"): refused("InvalidVpcEndpointId.NotFound"),
    }
    found = [*account.named_things(site(FakeAws(absent), demanding))]
    assert [f.severity for f in found] == [Severity.ERROR] * 3


def test_a_zone_that_names_nothing_asks_nothing() -> None:
    aws = FakeAws({})
    assert not [*account.named_things(site(aws))]
    assert not [*billing.certificate(site(aws))]
    assert aws.asked == []


def test_a_model_is_granted_or_says_what_is_lacking() -> None:
    def availability(modelId: str) -> dict[str, object]:  # noqa: N803  # as boto3 names it
        assert modelId.startswith("anthropic.")
        return {**GRANTED, **({} if "haiku" in modelId else {"authorizationStatus": "NOT"})}

    aws = FakeAws(
        {
            ("bedrock", "get_inference_profile"): {"status": "ACTIVE"},
            ("bedrock", "get_foundation_model_availability"): availability,
        }
    )
    haiku, sonnet = models.models(site(aws))
    assert (haiku.severity, sonnet.severity) == (Severity.FINE, Severity.ERROR)
    assert sonnet.found == "authorizationStatus: NOT"
    assert "Model access" in sonnet.remedy


def test_an_agreement_that_nobody_has_accepted_is_an_error() -> None:
    pending = {**GRANTED, "agreementAvailability": {"status": "NOT_AVAILABLE"}}
    aws = FakeAws(
        {
            ("bedrock", "get_inference_profile"): {"status": "ACTIVE"},
            ("bedrock", "get_foundation_model_availability"): pending,
        }
    )
    assert {f.found for f in models.models(site(aws))} == {"agreement: NOT_AVAILABLE"}


def test_a_profile_that_the_region_does_not_have_is_an_error() -> None:
    aws = FakeAws({("bedrock", "get_inference_profile"): refused("ResourceNotFoundException")})
    assert {f.severity for f in models.models(site(aws))} == {Severity.ERROR}


def limits(**by_service: dict[str, int]) -> Callable[..., object]:
    def told(ServiceCode: str) -> object:  # noqa: N803  # as boto3 names it
        known = by_service.get(ServiceCode, {})
        return {"Quotas": [{"QuotaName": n, "Value": float(v)} for n, v in known.items()]}

    return told


def test_a_fresh_account_has_too_little_concurrency() -> None:
    told = limits(**{"lambda": {"Concurrent executions": 10}})
    aws = FakeAws({("service-quotas", "list_service_quotas"): told})
    found = {f.check: f for f in quotas.quotas(site(aws))}
    wanted = found.pop("Lambda's concurrency")
    assert wanted.severity is Severity.ERROR
    assert "Service Quotas of eu-central-1, lambda" in wanted.remedy
    assert {f.severity for f in found.values()} == {Severity.FINE}


def test_a_limit_is_found_whatever_aws_calls_it_and_no_other_is_taken_for_it() -> None:
    told = limits(
        apigateway={
            "Usage plans per API key": 10,
            "Usage plans per account per Region": 1,
            "Resources per API": 1,
        }
    )
    aws = FakeAws({("service-quotas", "list_service_quotas"): told})
    kinds = {"A": "AWS::ApiGateway::UsagePlan", "B": "AWS::ApiGateway::UsagePlan"}
    found = {f.check: f for f in quotas.quotas(site(aws, resources=kinds))}
    assert (found["usage plans"].severity, found["usage plans"].found) == (Severity.ERROR, "2 of 1")
    assert found["resources of the API"].found == "0 of 1"


def test_without_service_quotas_the_documented_limits_are_compared_and_that_is_said() -> None:
    denied = refused("AccessDeniedException", "ListServiceQuotas")
    *found, last = quotas.quotas(site(FakeAws({("service-quotas", "list_service_quotas"): denied})))
    assert {f.severity for f in found} == {Severity.FINE}
    assert (last.severity, last.remedy) == (
        Severity.WARNING,
        "documented defaults were compared instead",
    )


@pytest.mark.parametrize(("roles", "severity"), [(999, SEVERITIES[0]), (1000, SEVERITIES[1])])
def test_roles_are_counted_with_those_of_the_whole_account(roles: int, severity: Severity) -> None:
    aws = FakeAws(
        {("iam", "get_account_summary"): {"SummaryMap": {"Roles": roles, "RolesQuota": 1000}}}
    )
    assert only(quotas.roles(site(aws, resources={"A": "AWS::IAM::Role"}))).severity is severity


ISSUER = "https://login.example.com/"
KEY = {"kid": "1", "kty": "RSA", "use": "sig", "alg": "RS256"}
TOLD = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}keys"}


def asked(discovery: object, keys: object = None, status: int = 200) -> Finding:
    def answer(request: httpx.Request) -> httpx.Response:
        of = discovery if request.url.path.endswith("openid-configuration") else keys
        return httpx.Response(status, json=of)

    issuer = Issuer(issuer=ISSUER, audience=("agents",))
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return only(identity.of((issuer,), client))


def test_an_issuer_that_publishes_a_key_is_fine() -> None:
    found = asked(TOLD, {"keys": [KEY, {**KEY, "use": "enc"}]})
    assert (found.severity, found.found) == (Severity.FINE, "publishes 1 keys for RS256")


@pytest.mark.parametrize(
    ("discovery", "keys", "said"),
    [
        ({**TOLD, "issuer": ISSUER.rstrip("/")}, {"keys": [KEY]}, "must say exactly that"),
        ({**TOLD, "jwks_uri": "http://login.example.com/keys"}, {"keys": [KEY]}, "over HTTPS"),
        ({"issuer": ISSUER}, {"keys": [KEY]}, "over HTTPS"),
        (TOLD, {"keys": []}, "none of its 0 keys"),
        (TOLD, {"keys": [{**KEY, "kty": "EC"}]}, "none of its 1 keys"),
        (TOLD, {"keys": [{**KEY, "alg": "HS256"}]}, "none of its 1 keys"),
        (TOLD, {"keys": [{k: v for k, v in KEY.items() if k != "kid"}]}, "none of its 1 keys"),
        (TOLD, {"problem": "no"}, "no key set"),
        (TOLD, ["keys"], "no JSON object"),
    ],
)
def test_an_issuer_whose_tokens_could_not_be_checked_is_an_error(
    discovery: object, keys: object, said: str
) -> None:
    found = asked(discovery, keys)
    assert (found.severity, said in found.found) == (Severity.ERROR, True)


def test_an_issuer_that_is_away_is_an_error_with_its_status() -> None:
    assert "answers 503" in asked(TOLD, status=503).found


def test_an_issuer_that_cannot_be_reached_is_an_error() -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    with httpx.Client(transport=httpx.MockTransport(unreachable)) as client:
        found = only(identity.of((Issuer(issuer=ISSUER, audience=("agents",)),), client))
    assert "cannot be reached (ConnectError)" in found.found


@pytest.fixture
def named(tmp_path: Path) -> Sources:
    """A zone with a domain and a certificate of its own."""
    arn = "arn:aws:acm:{0}:111122223333:certificate/0a1b"
    certificates = ", ".join(f'{r} = "{arn.format(r)}"' for r in (REGION, "eu-west-1"))
    domain = f'name = "eu.agents.example.com"\ncertificates = {{ {certificates} }}\n'
    zones = f"{ZONES}\n[zones.eu.edge.domain]\n{domain}"
    return estate(tmp_path / "e", agents={"echo": manifest()}, zones=zones)


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        ({}, Severity.FINE),
        ({"DomainName": "*.agents.example.com"}, Severity.FINE),
        ({"NotAfter": NOW + timedelta(days=29)}, Severity.WARNING),
        ({"Status": "PENDING_VALIDATION"}, Severity.ERROR),
        ({"DomainName": "us.agents.example.com"}, Severity.ERROR),
    ],
)
def test_a_certificate_must_be_issued_for_the_domain_and_last(
    named: Sources, told: dict[str, object], severity: Severity
) -> None:
    good = {
        "Status": "ISSUED",
        "DomainName": "eu.agents.example.com",
        "NotAfter": NOW + timedelta(days=300),
    }
    aws = FakeAws({("acm", "describe_certificate"): {"Certificate": {**good, **told}}})
    assert only(billing.certificate(site(aws, named))).severity is severity


def test_tags_that_are_not_active_are_named() -> None:
    active = {"CostAllocationTags": [{"TagKey": "gatehouse:zone"}]}
    aws = FakeAws({("ce", "list_cost_allocation_tags"): active})
    found = only(billing.cost_tags(site(aws)))
    assert found.found == "not active: gatehouse:agent, gatehouse:stage"
    assert aws.asked == [("ce", "us-east-1", "list_cost_allocation_tags")]


STACKS = ("cloudformation", "describe_stacks")


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ("UPDATE_COMPLETE", Severity.FINE),
        ("UPDATE_IN_PROGRESS", Severity.WARNING),
        ("UPDATE_ROLLBACK_COMPLETE", Severity.ERROR),
        ("ROLLBACK_COMPLETE", Severity.ERROR),
        ("CREATE_FAILED", Severity.ERROR),
        (None, Severity.ERROR),
    ],
)
def test_a_stack_is_there_and_complete(status: str | None, severity: Severity) -> None:
    name = "gatehouse-eu-central-1-edge"
    told = [{"StackName": name, "StackStatus": status}] if status else []
    found = [*deployed.stacks(site(FakeAws({STACKS: {"Stacks": told}})))]
    assert max(found, key=lambda f: SEVERITIES.index(f.severity)).severity is severity


@pytest.mark.parametrize(
    ("subscribed", "severity"),
    [
        (["PendingConfirmation"], Severity.ERROR),
        (["PendingConfirmation", "arn:aws:sns:eu-central-1:1:page:a"], Severity.WARNING),
        (["arn:aws:sns:eu-central-1:1:page:a"], Severity.FINE),
    ],
)
def test_an_address_that_never_confirmed_hears_nothing(
    subscribed: list[str], severity: Severity
) -> None:
    topic = "arn:aws:sns:eu-central-1:111122223333:page"
    alarm = {
        "AlarmName": "gatehouse-eu-central-1-edge-Faults",
        "AlarmActions": [topic],
        "StateValue": "OK",
    }
    told = {"Subscriptions": [{"SubscriptionArn": arn} for arn in subscribed]}
    answers = {
        ("cloudwatch", "describe_alarms"): {"MetricAlarms": [alarm]},
        ("sns", "list_subscriptions_by_topic"): told,
    }
    *_, found = deployed.alarms(site(FakeAws(answers)))
    assert (found.check, found.severity) == ("topic page", severity)


def test_the_api_is_asked_at_the_regions_own_address_or_at_the_zones_name(named: Sources) -> None:
    own = "https://abc.execute-api.eu-central-1.amazonaws.com/live/"
    told = {"Stacks": [{"Outputs": [{"OutputValue": "x"}, {"OutputValue": own}]}]}
    assert smoke.address(site(FakeAws({STACKS: told}))) == own.rstrip("/")
    assert smoke.address(site(FakeAws({STACKS: refused("ValidationError")}))) is None
    assert smoke.address(site(FakeAws({}), named)) == "https://eu.agents.example.com/"


def ran(answer: Callable[[httpx.Request], httpx.Response], sources: Sources | None = None) -> Any:
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        found = [*smoke.runs(site(FakeAws({}), sources), "secret", client, "https://x/live")]
    assert not [f for f in found if "secret" in f"{f.found}{f.remedy}"]
    return found


def test_every_agent_is_run_with_its_own_example() -> None:
    paths = {}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        paths[request.url.path] = json.loads(request.content)["input"]
        return httpx.Response(200, json={})

    found = ran(answer)
    folders = {path.parent.name for path in (ROOT / "functions" / "agents").glob("*/agent.toml")}
    assert paths.keys() == {f"/live/v1/agents/{name}/run" for name in folders}
    assert [f.severity for f in found] == [Severity.FINE] * len(folders)
    assert all(isinstance(given, dict) and "reply" not in given for given in paths.values())


@pytest.mark.parametrize(
    ("status", "severity"), [(401, SEVERITIES[2]), (403, SEVERITIES[1]), (502, SEVERITIES[2])]
)
def test_a_run_that_fails_says_why(status: int, severity: Severity) -> None:
    problem = {"title": "Because", "detail": "of that"}
    found = ran(lambda _: httpx.Response(status, json=problem))
    assert {f.severity for f in found} == {severity}
    assert {f.found for f in found} == {f"{status} Because: of that"}


def test_an_agent_without_an_example_is_a_warning(tmp_path: Path) -> None:
    sources = estate(tmp_path / "e", agents={"echo": manifest(f'eu = ["eu.{HAIKU}"]')})
    (found,) = ran(lambda _: httpx.Response(500), sources)
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("free", "severity"),
    [(10_000_000_000, SEVERITIES[0]), (10**9, SEVERITIES[1]), (10**8, SEVERITIES[2])],
)
def test_a_full_disk_is_told_before_it_is_full(free: int, severity: Severity) -> None:
    assert here.disk_here(free).severity is severity


def test_an_old_python_is_an_error() -> None:
    assert here.python_here((3, 10)).severity is Severity.ERROR


def test_a_model_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    assert here.model_here(str(file), {}).severity is Severity.ERROR
    file.write_bytes(b"GGUF and more")
    assert here.model_here(str(file), {}).severity is Severity.FINE


def test_a_machine_without_node_or_layers_is_told_the_verb(tmp_path: Path) -> None:
    assert here.node_here(tmp_path / "node").remedy == "make clean setup"
    assert here.layers_here(tmp_path).remedy == "make setup"


def test_an_unknown_place_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(CannotCall, match="eu-central-1, eu-west-1, us-east-1"):
        [*commands.sites("mars-west-1", None, "prod", None)]
    with pytest.raises(CannotCall, match="there is no stage 'x'"):
        [*commands.sites(REGION, None, "x", None)]
