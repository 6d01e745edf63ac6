"""What AWS WAF is told about our routes: who may send texts, and what a refused caller reads.

AWS's common rules stop bodies above 8 KB, since most sites take small forms. An agent reads
tickets, reviews and documents, so that rule only counts, and a rule of ours stops large bodies on
every route that takes no texts.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from functions.domain.errors import GatehouseError, PayloadTooLarge, Throttled
from infra.routes import ROUTES, STAGE

COMMON = "AWSManagedRulesCommonRuleSet"
BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
REPUTATION = "AWSManagedRulesAmazonIpReputationList"
BOTS = "AWSManagedRulesBotControlRuleSet"
LABELS = MappingProxyType(
    {COMMON: "core-rule-set", BAD_INPUTS: "known-bad-inputs", BOTS: "bot-control"}
)
SIZE_RULE = "SizeRestrictions_BODY"
CODE_RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        COMMON: (
            "CrossSiteScripting_BODY",
            "EC2MetaDataSSRF_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
        ),
        BAD_INPUTS: ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY"),
    }
)
"""What looks for attacks in bodies, and finds them in every ticket that quotes one."""
PROGRAMS = ("CategoryHttpLibrary", "SignalNonBrowserUserAgent")
"""Bot control's rules against clients that are no browser: here most callers are none."""

TOO_LARGE = "TooLarge"
TOO_FAST = "TooFast"
WAIT_SECONDS = 60


def label(group: str, rule: str) -> str:
    """The label by which a managed rule says that it has matched."""
    name, _, part = rule.rpartition("_")
    return f"awswaf:managed:aws:{LABELS[group]}:{name}_{part.capitalize()}"


def text_routes() -> str:
    """The paths that take texts, as a regular expression: with the stage, and without it."""
    paths = sorted({route.path for route in ROUTES if route.takes_texts})
    alternatives = "|".join(re.sub(r"\{[^}]+\}", "[^/]+", path) for path in paths)
    return f"^(/{STAGE})?({alternatives})$"


def replies() -> dict[str, str]:
    """The problems that the firewall answers with, by their keys.

    It knows no request id to put in; API Gateway says it in a header.
    """
    return {
        TOO_LARGE: _problem(PayloadTooLarge, "This route takes bodies of up to 8 KB."),
        TOO_FAST: _problem(
            Throttled, "Too many requests came from your address; wait a minute and send less."
        ),
    }


def _problem(error: type[GatehouseError], detail: str) -> str:
    return json.dumps(
        {
            "type": error.type_uri(),
            "title": error.title,
            "status": error.status,
            "detail": detail,
            "retryable": error.retryable,
        }
    )
