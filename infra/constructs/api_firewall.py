"""AWS WAF before the API: floods, addresses of ill repute, known attacks, bodies too large.

What AWS's rules stop is answered by API Gateway's own ``WAF_FILTERED`` reply, which is a problem
like all others; what ours stop, by a reply of theirs. WAF sets the content type of such a reply
itself, so it is ``application/json``.
"""

from collections.abc import Collection

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from functions.domain import browsers
from functions.domain.edge import RATE_SECONDS, Firewall
from functions.domain.errors import PayloadTooLarge, Throttled
from functions.domain.zone import Zone
from infra import firewall as told
from infra.constructs import waf_rules
from infra.constructs.firewall_log import SECRET_HEADERS, FirewallLog
from infra.constructs.region_keys import Keys
from infra.constructs.waf_rules import Acl, Statement, WafRule


class ApiFirewall(Construct):
    """The web ACL of one stage, and its log; nothing that a caller wrote is in either."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        stage: apigateway.Stage,
        zone: Zone,
        keys: Keys,
    ) -> None:
        super().__init__(scope, id_)
        self._headers = {**browsers.SECURITY}
        if zone.origins:
            self._headers |= browsers.readable(browsers.ANY_PAGE)
        acl = self._acl(self._rules(zone.edge.firewall))
        wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )
        FirewallLog(self, "Log", acl=acl, keys=keys)

    def _acl(self, rules: Collection[WafRule]) -> wafv2.CfnWebACL:
        return wafv2.CfnWebACL(
            self,
            "Acl",
            custom_response_bodies={
                key: Acl.CustomResponseBodyProperty(content=text, content_type="APPLICATION_JSON")
                for key, text in told.replies().items()
            },
            data_protection_config=Acl.DataProtectionConfigProperty(
                data_protections=[
                    _hidden("BODY"),
                    _hidden("QUERY_STRING"),
                    _hidden("SINGLE_HEADER", *SECRET_HEADERS),
                ]
            ),
            default_action=Acl.DefaultActionProperty(allow=Acl.AllowActionProperty()),
            rules=[rule.at(priority) for priority, rule in enumerate(rules)],
            scope="REGIONAL",
            visibility_config=waf_rules.measured("Firewall"),
        )

    def _rules(self, settings: Firewall) -> list[WafRule]:
        """The cheapest refusals first; rules that read labels after those that leave them."""
        code = told.CODE_RULES if settings.code_in_texts else {}
        texts = waf_rules.path_is(told.text_routes())
        counted = {told.COMMON: (told.SIZE_RULE, *code.get(told.COMMON, ()))}
        groups = [
            WafRule("RatePerAddress", _flood(settings), self._too_fast()),
            waf_rules.managed("IpReputation", told.REPUTATION),
            waf_rules.managed("CommonRules", told.COMMON, counted=counted[told.COMMON]),
            waf_rules.managed(
                "KnownBadInputs", told.BAD_INPUTS, counted=code.get(told.BAD_INPUTS, ())
            ),
        ]
        if settings.bot_control:
            groups.append(waf_rules.managed("BotControl", told.BOTS, counted=told.PROGRAMS))
        large = waf_rules.labelled([told.label(told.COMMON, told.SIZE_RULE)])
        own = [WafRule("LargeBodies", waf_rules.but_not(large, texts), self._too_large())]
        if code:
            attack = waf_rules.labelled(
                told.label(group, rule) for group, rules in code.items() for rule in rules
            )
            own.append(WafRule("CodeInBodies", waf_rules.but_not(attack, texts)))
        return [*groups, *own]

    def _too_fast(self) -> wafv2.CfnWebACL.BlockActionProperty:
        later = {"Retry-After": str(told.WAIT_SECONDS)}
        return _answer(Throttled.status, told.TOO_FAST, self._headers | later)

    def _too_large(self) -> wafv2.CfnWebACL.BlockActionProperty:
        return _answer(PayloadTooLarge.status, told.TOO_LARGE, self._headers)


def _flood(settings: Firewall) -> Statement:
    counted = Acl.RateBasedStatementProperty(
        aggregate_key_type="IP",
        evaluation_window_sec=RATE_SECONDS,
        limit=settings.requests_per_address,
    )
    return Statement(rate_based_statement=counted)


def _answer(status: int, key: str, headers: dict[str, str]) -> wafv2.CfnWebACL.BlockActionProperty:
    return Acl.BlockActionProperty(
        custom_response=Acl.CustomResponseProperty(
            response_code=status,
            custom_response_body_key=key,
            response_headers=[
                Acl.CustomHTTPHeaderProperty(name=name, value=value)
                for name, value in headers.items()
            ],
        )
    )


def _hidden(kind: str, *names: str) -> wafv2.CfnWebACL.DataProtectProperty:
    """A part of requests that WAF shows to nobody, also where it quotes what a rule has matched."""
    part = Acl.FieldToProtectProperty(field_type=kind, field_keys=[*names] or None)
    return Acl.DataProtectProperty(action="SUBSTITUTION", field=part)
