"""Whose account it is, and whether the CDK and what the zone names are there."""

from collections.abc import Iterator

from cli.doctor.finding import Finding, error, fine
from cli.doctor.site import Site
from functions.domain.zone import GuardrailDetection

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
LEAST_BOOTSTRAP = 6
"""What the templates ask for; the CLI refuses an older one."""


def credentials(site: Site) -> Iterator[Finding]:
    """Nothing else is worth looking at in the wrong account."""
    found, wanted = site.ask("sts", "get_caller_identity"), site.zone.account
    if found["Account"] == wanted:
        yield fine("account", f"{wanted}, as {found['Arn']}")
    else:
        yield error(
            "account",
            f"the credentials are of {found['Account']}, and the stage {site.place.stage.name} has"
            f" {wanted} for the zone {site.zone.name}",
            "sign in to that account (--profile, AWS_PROFILE), or correct 'account' in"
            f" infra/{site.place.stage.zones}",
        )


def bootstrap(site: Site) -> Iterator[Finding]:
    """The bucket and the roles through which the CDK deploys."""
    found = site.find("ssm", "get_parameter", "ParameterNotFound", Name=BOOTSTRAP)
    remedy = f"make bootstrap REGION={site.region} STAGE={site.place.stage.name}"
    version = int(found["Parameter"]["Value"]) if found else 0
    if version >= LEAST_BOOTSTRAP:
        yield fine("bootstrap", f"version {version}")
    elif version:
        yield error("bootstrap", f"version {version} is older than {LEAST_BOOTSTRAP}", remedy)
    else:
        yield error("bootstrap", "the CDK was never bootstrapped here", remedy)


def named_things(site: Site) -> Iterator[Finding]:
    """What the zone names and does not make: a deploy fails, late, where one is missing."""
    yield from _boundary(site)
    yield from _guardrail(site)
    yield from _splunk(site)
    yield from _endpoints(site)


def _boundary(site: Site) -> Iterator[Finding]:
    arn = site.zone.permissions_boundary
    if arn is None:
        return
    if site.find("iam", "get_policy", "NoSuchEntity", PolicyArn=arn):
        yield fine("permissions boundary", arn)
    else:
        yield error("permissions boundary", f"{arn} does not exist", "create it, or correct it")


def _guardrail(site: Site) -> Iterator[Finding]:
    match site.zone.second_detector:
        case GuardrailDetection(guardrails=guardrails):
            name, _, version = guardrails[site.region].partition(":")
            found = site.find(
                "bedrock",
                "get_guardrail",
                "ResourceNotFoundException",
                guardrailIdentifier=name,
                guardrailVersion=version,
            )
            if found and found["status"] == "READY":
                yield fine("guardrail", f"{name}:{version}")
            else:
                state = found["status"] if found else "not there"
                yield error(
                    "guardrail",
                    f"{name}:{version} is {state}",
                    "publish this version of it, or correct second_detector",
                )


def _splunk(site: Site) -> Iterator[Finding]:
    if site.zone.audit.splunk is None:
        return
    arn = site.zone.audit.splunk.secrets[site.region]
    absent = "ResourceNotFoundException"
    if site.find("secretsmanager", "describe_secret", absent, SecretId=arn):
        yield fine("splunk's token", arn)
    else:
        yield error("splunk's token", f"{arn} does not exist", "create it; see docs/logs.md")


def _endpoints(site: Site) -> Iterator[Finding]:
    wanted = site.zone.edge.vpc_endpoints.get(site.region, ())
    if not wanted:
        return
    found = site.find(
        "ec2",
        "describe_vpc_endpoints",
        "InvalidVpcEndpointId.NotFound",
        VpcEndpointIds=[*wanted],
    )
    usable = {
        each["VpcEndpointId"]
        for each in (found or {"VpcEndpoints": ()})["VpcEndpoints"]
        if each["State"].lower() == "available" and each["ServiceName"].endswith(".execute-api")
    }
    for endpoint in wanted:
        if endpoint in usable:
            yield fine("private endpoint", endpoint)
        else:
            yield error(
                "private endpoint",
                f"{endpoint} is no available endpoint of execute-api",
                "create it in your network, or correct edge.vpc_endpoints",
            )
