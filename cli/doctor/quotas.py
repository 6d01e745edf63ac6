"""Whether the account's limits have room for what the templates make.

What the account holds already is counted for roles only, where AWS tells it: elsewhere a limit is
compared with the gatehouse alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cli.aws import AwsFailed
from cli.doctor.finding import Finding, error, fine, warning
from cli.doctor.site import NOWHERE_ELSE, Site

FOR_CALLERS = 100
"""Calls at a time that should find room beside the queues, or callers are throttled with 500s."""
FOR_WEBHOOKS = 20


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit: where Service Quotas has it, and what AWS documents where it is not told."""

    check: str
    service: str
    name: str
    """As a regular expression: AWS has worded some of them in several ways."""
    documented: int


CONCURRENCY = Quota("Lambda's concurrency", "lambda", r"Concurrent executions", 1000)
COUNTED = {
    "AWS::ApiGateway::ApiKey": Quota("API keys", "apigateway", r"API keys( per .*)?", 10_000),
    "AWS::ApiGateway::UsagePlan": Quota(
        "usage plans", "apigateway", r"Usage plans( per (account|region).*)?", 300
    ),
    "AWS::ApiGateway::Resource": Quota(
        "resources of the API", "apigateway", r"Resources( |/).*per.*API.*|Resources per API", 300
    ),
    "AWS::CloudFormation::Stack": Quota("stacks", "cloudformation", r"Stack count", 2000),
    "AWS::DynamoDB::Table": Quota("tables", "dynamodb", r"Maximum number of tables", 2500),
    "AWS::KMS::Key": Quota("KMS keys", "kms", r"(Customer Master Keys|KMS keys).*", 100_000),
    "AWS::SNS::Subscription": Quota(
        "filtered subscriptions", "sns", r"Filter policies per topic", 200
    ),
}
"""By the type of which there may be so many. Queues have no limit."""


def quotas(site: Site) -> Iterator[Finding]:
    """One finding for each limit."""
    told = _Told(site)
    queued = sum(agent.concurrency for agent in site.agents) + FOR_WEBHOOKS
    yield _compared(site, CONCURRENCY, told.limit(CONCURRENCY), queued + FOR_CALLERS)
    for type_, quota in COUNTED.items():
        is_stack = type_ == "AWS::CloudFormation::Stack"
        wanted = len(site.stacks) if is_stack else site.count(type_)
        yield _compared(site, quota, told.limit(quota), wanted)
    if told.refused:
        yield warning("quotas", told.refused, "documented defaults were compared instead")


def roles(site: Site) -> Iterator[Finding]:
    """Of all regions of the account together, with those that are there."""
    found = site.ask("iam", "get_account_summary", region=NOWHERE_ELSE)["SummaryMap"]
    room, wanted = found["RolesQuota"] - found["Roles"], site.count("AWS::IAM::Role")
    said = f"room for {room} more roles of {found['RolesQuota']}; a first deploy makes {wanted}"
    if room >= wanted:
        yield fine("roles", said)
    else:
        yield warning(
            "roles", said, "before a first deploy: ask AWS for more (IAM, Roles per account)"
        )


def _compared(site: Site, quota: Quota, limit: int, wanted: int) -> Finding:
    said = f"{wanted:,} of {limit:,}"
    if wanted <= limit:
        return fine(quota.check, said)
    return error(
        quota.check,
        said,
        f"ask for at least {wanted:,}: Service Quotas of {site.region}, {quota.service}",
    )


class _Told:
    """What Service Quotas says, by service; the documented default where it is silent."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: dict[str, dict[str, int]] = {}
        self.refused = ""

    def limit(self, quota: Quota) -> int:
        if quota.service not in self._known:
            self._known[quota.service] = self._of(quota.service)
        for name, value in self._known[quota.service].items():
            if re.fullmatch(quota.name, name, re.IGNORECASE):
                return value
        return quota.documented

    def _of(self, service: str) -> dict[str, int]:
        try:
            pages = [
                *self._site.pages("service-quotas", "list_service_quotas", ServiceCode=service)
            ]
        except AwsFailed as failed:
            self.refused = str(failed)
            return {}
        return {each["QuotaName"]: int(each["Value"]) for page in pages for each in page["Quotas"]}
