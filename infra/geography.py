"""Where a Bedrock model id may run: some ids route a call to other regions."""

import re
from collections.abc import Iterable

from functions.domain.geography import foundation_model, geography, is_profile

__all__ = ["REGIONS", "destinations", "foundation_model", "is_profile", "leaves"]

REGIONS = {
    "apac": r"ap-.+",
    "au": r"ap-southeast-[24]",
    "ca": r"ca-.+",
    "eu": r"eu-.+",
    "global": r"",
    "jp": r"ap-northeast-[13]",
    "us": r"us-(east|west)-\d",
    "us-gov": r"us-gov-.+",
}
"""The regions that are at home in the geography of each profile prefix; none is at home anywhere.

Narrower than what Bedrock lets call a profile: ca-central-1 may call ``us.`` profiles, and then
Canadian data is worked on in the United States.
"""


DESTINATIONS = {
    "apac": ("ap-*",),
    "au": ("ap-southeast-*",),
    "ca": ("ca-*",),
    "eu": ("eu-*",),
    "jp": ("ap-northeast-*",),
    "us": ("us-east-*", "us-west-*"),
    "us-gov": ("us-gov-*",),
}
"""The same as IAM writes it, for the regions to which a profile may pass a call on."""


def destinations(profile: str) -> tuple[str, ...]:
    """Where calls of a zone's profile may be answered, as patterns of region names."""
    return DESTINATIONS[geography(profile) or ""]


def leaves(model: str, regions: Iterable[str]) -> str | None:
    """The geography to which this model id may carry data out of the regions, if there is one."""
    found = geography(model)
    if found is None:
        return None
    if all(re.fullmatch(REGIONS[found], region) for region in regions):
        return None
    return "any region of the world" if found == "global" else f"the geography {found!r}"
