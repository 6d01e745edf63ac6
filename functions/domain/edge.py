"""Where a zone's API can be reached from, under which name, and what stands before it.

All of it is data (``infra/zones.toml``, ``[zones.<name>.edge]``). Left out, the API is public, has
the address that AWS gives it, and stands behind the firewall's defaults.
"""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    StringConstraints,
    model_validator,
)

from functions.domain.names import RegionName

RATE_SECONDS = 300
"""Over which the firewall counts an address's requests."""
MODERN_TLS = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
"""TLS 1.2 and 1.3 with forward secrecy only; API Gateway's own default still takes TLS 1.0."""

HostName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$")
]
CertificateArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[A-Za-z0-9-]+$"),
]
VpcEndpointId = Annotated[str, StringConstraints(pattern=r"^vpce-[0-9a-f]{8,17}$")]


def _somebody_stays_out(network: IPvAnyNetwork) -> IPvAnyNetwork:
    if network.prefixlen == 0:
        msg = f"{network} is every address; leave allowed_addresses out to let everybody in"
        raise ValueError(msg)
    return network


Network = Annotated[IPvAnyNetwork, AfterValidator(_somebody_stays_out)]


class HostedZone(BaseModel):
    """The zone of Amazon Route 53 in which a domain's records are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,31}$")]
    name: HostName


class Domain(BaseModel):
    """A name of one's own for the API, the same in all regions of the zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: HostName
    hosted_zone: HostedZone | None = None
    """Proves the domain to AWS, and has its records."""
    certificates: dict[RegionName, CertificateArn] = Field(default_factory=dict)
    """By region; AWS Certificate Manager makes one through the hosted zone where there is none."""
    records: bool = True
    """Whether the hosted zone leads callers to the region of the zone that is nearest to them."""
    own_address: bool = False
    """Whether the API answers under the address that AWS gave it, too."""

    @model_validator(mode="after")
    def _is_in_its_hosted_zone(self) -> Self:
        if self.hosted_zone and not f".{self.name}".endswith(f".{self.hosted_zone.name}"):
            msg = f"the domain {self.name} is not in the hosted zone {self.hosted_zone.name}"
            raise ValueError(msg)
        for region, arn in self.certificates.items():
            if arn.split(":")[3] != region:
                msg = f"API Gateway needs a certificate of {region}, not {arn}"
                raise ValueError(msg)
        return self


class Firewall(BaseModel):
    """What AWS WAF lets through before anything of ours is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    requests_per_address: Annotated[int, Field(ge=10, le=2_000_000_000)] = 60_000
    """In five minutes. Generous, since a company's callers often share an address."""
    bot_control: bool = False
    """AWS charges for it; clients that are programs are let through, as all of ours are."""
    code_in_texts: bool = False
    """Whether what is sent to an agent may look like an attack: a ticket that quotes a script."""


class Edge(BaseModel):
    """The way in to a zone's API."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    domain: Domain | None = None
    vpc_endpoints: dict[RegionName, tuple[VpcEndpointId, ...]] = Field(default_factory=dict)
    """By region. Where they are named the API is private: nobody else can reach it."""
    allowed_addresses: tuple[Network, ...] = ()
    """Networks that callers must come from; everybody's unless they are named."""
    firewall: Firewall = Firewall()

    @property
    def is_private(self) -> bool:
        return bool(self.vpc_endpoints)

    @model_validator(mode="after")
    def _has_one_kind_of_address(self) -> Self:
        if self.domain and self.vpc_endpoints:
            msg = (
                "a private API has no public domain: leave out either domain or vpc_endpoints, and"
                " give a private API its name in your own network"
            )
            raise ValueError(msg)
        if not all(self.vpc_endpoints.values()):
            msg = "vpc_endpoints: name at least one endpoint for each region"
            raise ValueError(msg)
        return self

    def check(self, regions: Iterable[str], host: str | None) -> None:
        """Compare what is said for each region with the regions of the zone, and the names.

        Raises:
            ValueError: a region is missing or not the zone's, or callers are told another name.
        """
        own = set(regions)
        if self.vpc_endpoints and set(self.vpc_endpoints) != own:
            msg = f"vpc_endpoints: name them for each region of the zone: {_listed(own)}"
            raise ValueError(msg)
        if self.domain is None:
            return
        named = set(self.domain.certificates)
        if named - own:
            msg = f"certificates: {_listed(named - own)} is no region of the zone: {_listed(own)}"
            raise ValueError(msg)
        if self.domain.hosted_zone is None and own - named:
            msg = (
                f"the domain {self.domain.name} needs a certificate in {_listed(own - named)}:"
                " name it under certificates, or name the hosted_zone so that one is made"
            )
            raise ValueError(msg)
        if host != self.domain.name:
            msg = f"base_url leads callers to {host}, but the domain is {self.domain.name}"
            raise ValueError(msg)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
