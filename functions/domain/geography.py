"""Which Bedrock model ids name a cross-region inference profile, and the model behind one.

An inference profile's id begins with its geography (``eu.anthropic.…``) and its calls run in any
region of it; ``global.`` runs anywhere. An id without such a prefix runs where it is called.
"""

GEOGRAPHIES = frozenset({"apac", "au", "ca", "eu", "global", "jp", "us", "us-gov"})


def geography(model: str) -> str | None:
    """The geography of a profile's id; none for an id that is no profile's."""
    prefix = model.partition(".")[0]
    return prefix if prefix in GEOGRAPHIES else None


def is_profile(model: str) -> bool:
    """Whether the id names a cross-region inference profile."""
    return geography(model) is not None


def foundation_model(model: str) -> str:
    """The foundation model behind a profile's id; the id itself if it names no profile."""
    found = geography(model)
    return model if found is None else model.removeprefix(f"{found}.")
