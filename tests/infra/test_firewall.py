"""What the firewall stops, what it lets through, and that it keeps nothing of what was sent."""

import json
import re
from typing import Any

from functions.domain.edge import RATE_SECONDS, Firewall
from functions.domain.errors import GatehouseError, PayloadTooLarge, Throttled
from infra.routes import ROUTES
from tests.infra.templates import Resource, Template, each

ACL = "AWS::WAFv2::WebACL"
MOST = 1_500
"""Web ACL capacity units that cost no more than the first."""
GROUPS = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
}
"""Units of AWS's groups: https://docs.aws.amazon.com/waf/latest/developerguide/
aws-managed-rule-groups-list.html, as published in November 2026."""
STATEMENTS = {"LabelMatchStatement": 1, "RateBasedStatement": 2, "RegexMatchStatement": 3}
"""Units of single statements, from the page of each statement there; AND, OR and NOT cost none."""


def rules(acl: Resource) -> dict[str, Resource]:
    return {rule["Name"]: rule for rule in acl["Rules"]}


def capacity(part: Any) -> int:
    match part:
        case {"ManagedRuleGroupStatement": {"Name": name}}:
            return GROUPS[name]
        case dict():
            own = sum(STATEMENTS.get(name, 0) for name in part)
            return own + sum(capacity(value) for value in part.values())
        case list():
            return sum(capacity(value) for value in part)
    return 0


def counted(rule: Resource) -> set[str]:
    overrides = rule["Statement"]["ManagedRuleGroupStatement"].get("RuleActionOverrides", [])
    assert all(override["ActionToUse"] == {"Count": {}} for override in overrides)
    return {override["Name"] for override in overrides}


def excepted(rule: Resource) -> re.Pattern[str]:
    """The paths that a rule of ours leaves alone."""
    _, exception = rule["Statement"]["AndStatement"]["Statements"]
    match = exception["NotStatement"]["Statement"]["RegexMatchStatement"]
    assert match["FieldToMatch"] == {"UriPath": {}}
    return re.compile(match["RegexString"])


def labels(rule: Resource) -> set[str]:
    found, _ = rule["Statement"]["AndStatement"]["Statements"]
    alternatives = found.get("OrStatement", {"Statements": [found]})["Statements"]
    return {one["LabelMatchStatement"]["Key"] for one in alternatives}


def test_every_stage_stands_behind_a_firewall(every: list[Template]):
    for template, _, stage in each(every, "AWS::ApiGateway::Stage"):
        (association,) = template.of_type("AWS::WAFv2::WebACLAssociation").values()
        (acl,) = template.of_type(ACL)
        (stage_id,) = template.of_type("AWS::ApiGateway::Stage")
        assert {"Ref": stage_id} in association["ResourceArn"]["Fn::Join"][1], template.name
        assert association["WebACLArn"] == {"Fn::GetAtt": [acl, "Arn"]}, template.name
        assert stage["StageName"] == "live"


def test_floods_ill_repute_common_attacks_and_bad_inputs_are_stopped(every: list[Template]):
    for template, _, acl in each(every, ACL):
        groups = {
            rule["Statement"]["ManagedRuleGroupStatement"]["Name"]
            for rule in acl["Rules"]
            if "ManagedRuleGroupStatement" in rule["Statement"]
        }
        assert groups >= GROUPS.keys() - {"AWSManagedRulesBotControlRuleSet"}, template.name
        for rule in acl["Rules"]:
            if "ManagedRuleGroupStatement" in rule["Statement"]:
                assert rule["OverrideAction"] == {"None": {}}, (template.name, rule["Name"])
            else:
                assert "Block" in rule["Action"], (template.name, rule["Name"])
        assert acl["Scope"] == "REGIONAL", template.name


def test_its_capacity_is_what_the_first_price_covers(
    every: list[Template], switched_on: list[Template]
):
    sizes = {capacity(acl["Rules"]) for _, _, acl in each([*every, *switched_on], ACL)}
    assert sizes == {700 + 200 + 25 + 2 + 1 + 3, 700 + 200 + 25 + 2 + 1 + 3 + 50 + 6 + 3}
    assert max(sizes) < MOST


def test_only_the_size_rule_is_turned_off_and_only_for_the_routes_that_take_texts(
    every: list[Template],
):
    for template, _, acl in each(every, ACL):
        found = rules(acl)
        assert counted(found["CommonRules"]) == {"SizeRestrictions_BODY"}, template.name
        assert counted(found["KnownBadInputs"]) == counted(found["IpReputation"]) == set()
        large = found["LargeBodies"]
        assert labels(large) == {"awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"}
        assert large["Priority"] > found["CommonRules"]["Priority"], template.name
        free = excepted(large)
        for route in ROUTES:
            path = re.sub(r"\{[^}]+\}", "some_name", route.path)
            for sent in (path, f"/live{path}"):
                assert bool(free.search(sent)) == route.takes_texts, (sent, route.method)


def test_no_detour_leads_to_the_routes_that_take_texts(every: list[Template]):
    detours = (
        "/v1/agents/a/runs",
        "/v1/agents/a/run/",
        "/v1/agents/a/b/run",
        "/ofrep/v1/evaluate/flags?/v1/events",
        "/ofrep/v1/evaluate/flags/v1/events",
        "/live/live/v1/events",
        "/v1/eventsx",
    )
    for _, _, acl in each(every, ACL):
        free = excepted(rules(acl)["LargeBodies"])
        assert not [path for path in detours if free.search(path)]


def test_texts_may_quote_an_attack_where_a_zone_says_so_and_nowhere_else(
    switched_on: list[Template],
):
    by_region = {t.region: acl for t, _, acl in each(switched_on, ACL)}
    assert "CodeInBodies" not in rules(by_region["eu-central-1"])
    found = rules(by_region["us-east-1"])
    let_through = counted(found["CommonRules"]) | counted(found["KnownBadInputs"])
    assert let_through == {
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "SizeRestrictions_BODY",
    }
    code = found["CodeInBodies"]
    assert labels(code) == {
        "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body",
        "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body",
        "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
        "awswaf:managed:aws:core-rule-set:GenericRFI_Body",
        "awswaf:managed:aws:known-bad-inputs:JavaDeserializationRCE_Body",
        "awswaf:managed:aws:known-bad-inputs:Log4JRCE_Body",
    }
    assert excepted(code).pattern == excepted(found["LargeBodies"]).pattern
    assert code["Priority"] > found["KnownBadInputs"]["Priority"]


def test_bot_control_lets_programs_through_since_all_callers_are_some(
    switched_on: list[Template],
):
    by_region = {t.region: acl for t, _, acl in each(switched_on, ACL)}
    assert "BotControl" not in rules(by_region["eu-central-1"])
    programs = {"CategoryHttpLibrary", "SignalNonBrowserUserAgent"}
    assert counted(rules(by_region["us-east-1"])["BotControl"]) == programs


def test_an_address_is_stopped_at_the_zones_limit(
    every: list[Template], switched_on: list[Template]
):
    for template, _, acl in each([*every, *switched_on], ACL):
        flood = rules(acl)["RatePerAddress"]["Statement"]["RateBasedStatement"]
        own = template.region == "us-east-1" and template in switched_on
        assert flood == {
            "AggregateKeyType": "IP",
            "EvaluationWindowSec": RATE_SECONDS,
            "Limit": 90_000 if own else Firewall().requests_per_address,
        }


def test_its_own_answers_are_problems_of_our_tree_with_our_headers(every: list[Template]):
    expected: dict[str, type[GatehouseError]] = {
        "RatePerAddress": Throttled,
        "LargeBodies": PayloadTooLarge,
    }
    for template, _, acl in each(every, ACL):
        for name, error in expected.items():
            reply = rules(acl)[name]["Action"]["Block"]["CustomResponse"]
            body = acl["CustomResponseBodies"][reply["CustomResponseBodyKey"]]
            problem = json.loads(body["Content"])
            assert body["ContentType"] == "APPLICATION_JSON"
            assert (problem["type"], problem["title"]) == (error.type_uri(), error.title)
            assert reply["ResponseCode"] == problem["status"] == error.status, template.name
            assert problem["retryable"] is error.retryable
            assert problem["detail"]
            headers = {header["Name"]: header["Value"] for header in reply["ResponseHeaders"]}
            assert headers["X-Content-Type-Options"] == "nosniff"
            # WAF refuses to have this one set.
            assert "content-type" not in {header.lower() for header in headers}
            assert ("Retry-After" in headers) == (error is Throttled)


def test_what_managed_rules_stop_is_left_to_api_gateways_own_problem(every: list[Template]):
    for _, _, acl in each(every, ACL):
        assert acl["DefaultAction"] == {"Allow": {}}
    for edge in (template for template in every if template.name.endswith("-edge")):
        replies = edge.of_type("AWS::ApiGateway::GatewayResponse").values()
        assert "WAF_FILTERED" in {reply["ResponseType"] for reply in replies}, edge.name


def test_neither_log_nor_console_shows_what_a_caller_sent(every: list[Template]):
    for template, _, acl in each(every, ACL):
        hidden = {
            (p["Field"]["FieldType"], *p["Field"].get("FieldKeys", ()))
            for p in acl["DataProtectionConfig"]["DataProtections"]
        }
        assert hidden == {
            ("BODY",),
            ("QUERY_STRING",),
            ("SINGLE_HEADER", "authorization", "cookie", "x-api-key"),
        }, template.name
        seen = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
        assert not any(one["SampledRequestsEnabled"] for one in seen), template.name
        assert all(one["CloudWatchMetricsEnabled"] for one in seen), template.name
    for template, _, logging in each(every, "AWS::WAFv2::LoggingConfiguration"):
        redacted = logging["RedactedFields"]
        assert {"SingleHeader": {"Name": "authorization"}} in redacted, template.name
        assert {"QueryString": {}} in redacted, template.name


def test_its_log_has_the_name_that_waf_wants_and_ends(every: list[Template]):
    for template, _, logging in each(every, "AWS::WAFv2::LoggingConfiguration"):
        (destination,) = logging["LogDestinationConfigs"]
        (group,) = (
            group
            for id_, group in template.of_type("AWS::Logs::LogGroup").items()
            if id_ in str(destination)
        )
        assert str(group["LogGroupName"]["Fn::Join"][1][0]).startswith("aws-waf-logs-gatehouse-")
        assert group["RetentionInDays"] == 90, template.name
        assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP", template.name
