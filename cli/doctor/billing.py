"""Whether bills can be told apart, and whether the API's own name has its certificate."""

from collections.abc import Iterator
from datetime import timedelta

from cli.aws import AwsFailed
from cli.doctor.finding import Finding, error, fine, warning
from cli.doctor.site import NOWHERE_ELSE, Site

TAGS = ("gatehouse:agent", "gatehouse:stage", "gatehouse:zone")
SOON = timedelta(days=30)


def cost_tags(site: Site) -> Iterator[Finding]:
    """Tags count on a bill from the day on which they are activated, and not before."""
    remedy = (
        "activate them in the account that pays (Billing, Cost allocation tags); AWS offers a tag"
        " there a day after a resource first carried it"
    )
    try:
        found = site.ask(
            "ce", "list_cost_allocation_tags", region=NOWHERE_ELSE, Status="Active", TagKeys=[*TAGS]
        )
    except AwsFailed as failed:
        yield warning("cost allocation tags", str(failed), remedy)
        return
    missing = {*TAGS} - {each["TagKey"] for each in found["CostAllocationTags"]}
    if missing:
        yield warning("cost allocation tags", f"not active: {', '.join(sorted(missing))}", remedy)
    else:
        yield fine("cost allocation tags", "active")


def certificate(site: Site) -> Iterator[Finding]:
    """That of the zone's domain in this region, where it names one."""
    domain = site.zone.edge.domain
    arn = domain.certificates.get(site.region) if domain else None
    if domain is None or arn is None:
        return
    absent = "ResourceNotFoundException"
    found = site.find("acm", "describe_certificate", absent, CertificateArn=arn)
    if found is None:
        yield error("certificate", f"{arn} does not exist", "correct edge.domain.certificates")
        return
    told = found["Certificate"]
    names = {told.get("DomainName"), *told.get("SubjectAlternativeNames", ())}
    wildcard = f"*.{domain.name.partition('.')[2]}"
    if told["Status"] != "ISSUED":
        yield error("certificate", f"{arn} is {told['Status']}", "prove the domain to ACM")
    elif names.isdisjoint({domain.name, wildcard}):
        yield error("certificate", f"{arn} is not for {domain.name}", "name another certificate")
    elif told["NotAfter"] - site.now < SOON:
        yield warning("certificate", f"ends on {told['NotAfter']:%Y-%m-%d}", "renew it")
    else:
        yield fine("certificate", f"until {told['NotAfter']:%Y-%m-%d}")
