"""What Amazon Bedrock is told about a run besides its question, in characters that it takes.

Bedrock refuses a whole call for one character that it does not like in a tag, and a workflow or a
business unit may hold any. Nothing here can fail: what does not fit is written so that it does.

``requestMetadata``: up to 16 pairs, values of up to 256 letters, digits, spaces and ``:_@$#=/+,-.``
(https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). Tags of
resources take fewer signs, and names of inference profiles hardly any.
"""

import hashlib
import re
import unicodedata

from functions.domain.run import Run

LONGEST_VALUE = 256
LONGEST_NAME = 64
STRANGE = re.compile(r"[^A-Za-z0-9 ._:/=+@-]")
"""What neither a tag of a resource nor the metadata of a request may hold."""
NO_WORD = re.compile(r"[^A-Za-z0-9]+")
DIGEST = 8


def tag(text: str) -> str:
    """A text as a value that every part of Bedrock takes: accents go, strange signs are dashes."""
    return STRANGE.sub("-", _without_accents(text))[:LONGEST_VALUE]


def request_metadata(run: Run) -> dict[str, str]:
    """By what a call is found in the invocation logs, and told apart there."""
    told = {
        "run": run.id,
        "agent": run.agent,
        "team": run.team.name,
        "workflow": run.workflow,
        "zone": run.team.zone,
        "business_unit": run.team.business_unit,
        "cost_centre": run.team.cost_centre,
    }
    return {name: tag(value) for name, value in told.items()}


def profile_name(zone: str, business_unit: str, model: str) -> str:
    """The name of a business unit's inference profile: readable, and no other has it."""
    end = digest(zone, business_unit, model)
    words = NO_WORD.sub("-", f"gatehouse {zone} {_without_accents(business_unit)} {model}")
    return f"{words[: LONGEST_NAME - DIGEST - 1].strip('-')}-{end}"


def profiles_folder(zone: str) -> str:
    """Where the parameters of a zone's business units are, each with its profiles by model."""
    return f"/gatehouse/{zone}/inference-profiles"


def profiles_parameter(zone: str, business_unit: str) -> str:
    """The parameter of one business unit. Its name goes by what calls are tagged with."""
    return f"{profiles_folder(zone)}/{digest(tag(business_unit))}"


def digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:DIGEST]


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
