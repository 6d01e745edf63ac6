"""Where a Bedrock model id may run: some ids route a call to other regions.

An inference profile's id begins with its geography (``eu.anthropic.…``) and its calls run in any
region of it; ``global.`` runs anywhere. An id without such a prefix runs where it is called.
"""

import re
from collections.abc import Iterable

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


def leaves(model: str, regions: Iterable[str]) -> str | None:
    """The geography to which this model id may carry data out of the regions, if there is one."""
    geography = _geography(model)
    if geography is None:
        return None
    if all(re.fullmatch(REGIONS[geography], region) for region in regions):
        return None
    return "any region of the world" if geography == "global" else f"the geography {geography!r}"


def is_profile(model: str) -> bool:
    """Whether the id names a cross-region inference profile."""
    return _geography(model) is not None


def foundation_model(model: str) -> str:
    """The foundation model behind a profile's id; the id itself if it names no profile."""
    geography = _geography(model)
    return model if geography is None else model.removeprefix(f"{geography}.")


def _geography(model: str) -> str | None:
    prefix = model.partition(".")[0]
    return prefix if prefix in REGIONS else None
